//! dummy
use super::*;
/// x
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Params { /// n
 pub n: u32 }
/// g
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge { n: u32, status: Status }
/// b
#[derive(Debug)]
pub struct MergeBot(SegmentRng);
impl Bot<Merge> for MergeBot {
    fn new(_: Skill, rng: SegmentRng) -> Self { Self(rng) }
    fn decide(&mut self, _: &Merge, _: &Params) -> Option<u8> { Some(u8::try_from(self.0.below(2)).unwrap_or(0)) }
}
impl Game for Merge {
    type Params = Params; type Bot = MergeBot;
    const ID: &'static str = "x"; const NAME: &'static str="X"; const HOW_TO: &'static str="";
    const RULES_VERSION: u32 = 1; const PACE: Pace = Pace::Clocked; const INPUT: InputKind = InputKind::Pulse; const WHOLE_BOARD_SHOWS: bool = false;
    fn default_levels() -> Vec<LevelDraft> { vec![] }
    fn validate(_: &Params) -> Result<(), (&'static str, String)> { Ok(()) }
    fn length_max(params: &Params) -> u32 { params.n }
    fn goal(_: &Params) -> String { String::new() }
    fn start(_: &Params, _: &mut SegmentRng) -> Self { Self { n: 0, status: Status::Playing } }
    fn accepts(&self, _: &Params, input: u8) -> bool { input < 2 }
    fn step(&mut self, params: &Params, _: Option<u8>, _: &mut SegmentRng) { self.n = self.n.saturating_add(1); if self.n >= params.n { self.status = Status::Lost; } }
    fn status(&self) -> Status { self.status }
    fn score(&self) -> u32 { 0 }
    fn describe(&self, _: &Params) -> String { String::new() }
}
