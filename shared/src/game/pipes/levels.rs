//! The four levels of Pipes. Each brings one thing: the valve, pipes that lead nowhere, rust, and little time for much.

use super::Params;
use crate::level::LevelDraft;

pub(super) fn drafts() -> Vec<LevelDraft> {
    vec![
        LevelDraft::clocked(
            "Garden Tap",
            [550, 600],
            Params {
                columns: 4,
                rows: 4,
                basins: 2,
                network: 12,
                loose_per_mille: 0,
                rusty_per_mille: 0,
                countdown: 2_400,
                beat: 45,
                reserve: 12,
            },
        ),
        LevelDraft::clocked(
            "Three Fountains",
            [380, 440],
            Params {
                columns: 5,
                rows: 5,
                basins: 3,
                network: 20,
                loose_per_mille: 250,
                rusty_per_mille: 0,
                countdown: 1_020,
                beat: 40,
                reserve: 8,
            },
        ),
        LevelDraft::clocked(
            "The Old Waterworks",
            [460, 510],
            Params {
                columns: 6,
                rows: 6,
                basins: 4,
                network: 28,
                loose_per_mille: 500,
                rusty_per_mille: 200,
                countdown: 945,
                beat: 36,
                reserve: 6,
            },
        ),
        LevelDraft::clocked(
            "Spring Tide",
            [590, 615],
            Params {
                columns: 6,
                rows: 7,
                basins: 5,
                network: 34,
                loose_per_mille: 700,
                rusty_per_mille: 100,
                countdown: 866,
                beat: 30,
                reserve: 9,
            },
        ),
    ]
}
