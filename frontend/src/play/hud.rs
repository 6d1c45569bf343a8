//! The figures beside the board. They change often, so they are written into their text directly, and only when they
//! change: no component is rendered while a game runs.

use yew::NodeRef;

/// Where the figures are shown. A place that is not on the page is left alone.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct HudPlaces {
    /// The score.
    pub(crate) score: NodeRef,
    /// The time or thinking time that is left, or a figure of the game's own.
    pub(crate) time: NodeRef,
    /// The numbers before the game starts.
    pub(crate) countdown: NodeRef,
    /// The board in words.
    pub(crate) description: NodeRef,
    /// What a screen reader says at once.
    pub(crate) announcement: NodeRef,
}

/// What is shown at the moment.
#[derive(Debug, Default)]
pub(crate) struct Hud {
    places: HudPlaces,
    score: Option<u32>,
    seconds: Option<u64>,
    figure: Option<u32>,
    beats: Option<u32>,
    /// Whether what was announced last ends with a space that nobody sees.
    has_space: bool,
}

fn write(place: &NodeRef, text: &str) {
    if let Some(node) = place.get() {
        node.set_text_content(Some(text));
    }
}

impl Hud {
    /// Nothing is shown yet.
    pub(crate) fn new(places: HudPlaces) -> Self {
        Self { places, ..Self::default() }
    }

    /// Shows the score. Tells whether it changed.
    pub(crate) fn score(&mut self, score: u32) -> bool {
        let changes = self.score != Some(score);
        if changes {
            self.score = Some(score);
            write(&self.places.score, &crate::format::number(u64::from(score)));
        }
        changes
    }

    /// Shows the time that is left, in milliseconds.
    pub(crate) fn time(&mut self, left_ms: u64) {
        let seconds = left_ms.div_ceil(1_000);
        if self.seconds != Some(seconds) {
            self.seconds = Some(seconds);
            write(&self.places.time, &crate::format::countdown(seconds * 1_000));
        }
    }

    /// Shows a figure of the game's own in place of the time.
    pub(crate) fn figure(&mut self, figure: u32) {
        if self.figure != Some(figure) {
            self.figure = Some(figure);
            write(&self.places.time, &crate::format::number(u64::from(figure)));
        }
    }

    /// Shows how many beats are left before the game starts; none when it runs.
    pub(crate) fn countdown(&mut self, beats: u32) {
        if self.beats != Some(beats) {
            self.beats = Some(beats);
            write(&self.places.countdown, &if beats == 0 { String::new() } else { beats.to_string() });
        }
    }

    /// Shows the board in words.
    pub(crate) fn describe(&self, description: &str) {
        write(&self.places.description, description);
    }

    /// Has a screen reader say something. It says only what differs from the words before; the same ones twice differ in
    /// a space.
    pub(crate) fn announce(&mut self, text: &str) {
        self.has_space = !self.has_space;
        write(&self.places.announcement, &[text, if self.has_space { "\u{a0}" } else { "" }].concat());
    }
}
