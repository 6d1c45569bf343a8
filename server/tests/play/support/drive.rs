//! Bots that play whole rounds in no time.

use dripline_shared::api::OpenAnswer;
use dripline_shared::game::replay::{Advance, Session};
use dripline_shared::game::{Bot, Game, GameParams, GameVisitor, Skill, Status};
use dripline_shared::rng::SegmentRng;
use dripline_shared::round::{Hash, Seed, hash, transcript_next, transcript_start};
use dripline_shared::transcript::Segment;

/// A round as it was played.
#[derive(Debug, Clone)]
pub(crate) struct Play {
    pub(crate) segments: Vec<Segment>,
    pub(crate) transcript: Hash,
    pub(crate) status: Status,
    pub(crate) score: u32,
}

/// Has a bot play a round; `send` gets each segment and gives the seed of the one after the next.
pub(crate) fn drive(
    open: &OpenAnswer,
    skill: Skill,
    bot: u32,
    send: impl FnMut(u32, &Segment, bool) -> Option<Seed>,
) -> Play {
    struct Drive<'a, F>(&'a OpenAnswer, Skill, Seed, F);
    impl<F: FnMut(u32, &Segment, bool) -> Option<Seed>> GameVisitor for Drive<'_, F> {
        type Output = Play;
        fn visit<G: Game>(mut self, params: &G::Params) -> Play
        where
            GameParams: From<G::Params>,
        {
            let mut session = Session::<G>::new(params.clone(), self.0.seeds.to_vec());
            let mut bot = G::Bot::new(self.1, SegmentRng::new(&self.2));
            let mut transcript = transcript_start(self.0.round, self.0.level_hash, self.0.rules_version);
            loop {
                let wanted = bot.decide(session.game(), session.params());
                match session.advance(wanted) {
                    Advance::Stepped => {}
                    Advance::SegmentEnded => {
                        let segment = session.segments().last().unwrap().clone();
                        let number = u32::try_from(session.segments().len() - 1).unwrap();
                        transcript = transcript_next(transcript, number, segment.length, &segment.bytes);
                        let last = session.status() != Status::Playing;
                        if let Some(seed) = (self.3)(number, &segment, last) {
                            session.learn_seed(number + 2, seed);
                        }
                        if last {
                            break;
                        }
                    }
                    other => panic!("the bot is stuck: {other:?}"),
                }
            }
            let (status, score) = (session.status(), session.game().score());
            Play { segments: session.segments().to_vec(), transcript, status, score }
        }
    }
    let mistakes = Seed(hash(b"dripline/tests/b", &[&bot.to_be_bytes(), &open.round.0]).0);
    open.level.play.visit(Drive(open, skill, mistakes, send))
}
