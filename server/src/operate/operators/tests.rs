use std::collections::BTreeSet;

use dripline_shared::api::access::ApiKeyRequest;
use dripline_shared::api::operate::AuditEntry;
use dripline_shared::api::sign_in::InvitationRequest;
use dripline_shared::round::Hash;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::{decide_apart, passkeys::PASSKEYS_MAX};
use super::*;
use crate::access::session::{SESSION_IDLE_MS, SESSIONS_MAX};
use crate::access::{AnsweredCeremony, PasskeyRecord};
use crate::store::command::{AccessChange, BySession, Change, MakeKey, NewSession, Second, SignIn};

/// A store in which operators change something, one after the other.
#[derive(Default)]
struct World {
    set: WorkingSet,
    now: Timestamp,
    made: u64,
    entries: Vec<AuditEntry>,
}

/// Somebody who has signed in: the operator's id and the session's.
type Person = (String, String);

impl World {
    fn new() -> Self {
        Self { now: Timestamp(1_800_000_000_000), ..Self::default() }
    }

    fn id(&mut self) -> String {
        self.made += 1;
        format!("{:016x}", self.made)
    }

    fn run(&mut self, by: By, session: Option<BySession>, change: AccessChange) -> Result<Answer, Code> {
        let change = Change::Access(change);
        let operation = Operation { now: self.now, by, from: None, session, change, second: Second::Unasked };
        let (answer, effects) = decide_apart(&self.set, &operation).map_err(|refusal| refusal.code())?;
        for effect in &effects {
            if let Effect::Audit(record) = effect {
                self.entries.push(serde_json::from_str(&record.json).unwrap());
            }
        }
        self.set.apply(effects);
        Ok(answer)
    }

    /// Whoever has the store.
    fn command(&mut self, change: AccessChange) -> Result<Answer, Code> {
        self.run(By::CommandLine, None, change)
    }

    /// By a session, as the guard lets it through.
    fn by(&mut self, (operator, session): &Person, change: AccessChange) -> Result<Answer, Code> {
        let needs = match change {
            AccessChange::Invite(_)
            | AccessChange::RevokeInvitation { .. }
            | AccessChange::SetRole { .. }
            | AccessChange::Dismiss { .. } => Some(Permission::ManageOperators),
            _ => None,
        };
        let by = By::Operator { id: operator.clone(), name: "x".to_owned() };
        self.run(by, Some(BySession { id: session.as_str().into(), needs }), change)
    }

    fn invite(&mut self, role: Role) -> Invite {
        let request = InvitationRequest { name: "x".to_owned(), role, valid_ms: None };
        Invite { id: self.id(), hash: Hash([1; 32]), request }
    }

    fn session(&mut self) -> NewSession {
        NewSession { id: self.id(), hash: Hash([2; 32]), origin: "https://play.example".to_owned() }
    }

    fn passkey(&mut self) -> PasskeyRecord {
        let id = self.id();
        PasskeyRecord {
            credential: id.clone(),
            id,
            name: "x".to_owned(),
            transports: 0,
            key: "key".to_owned(),
            state: "state".to_owned(),
            is_synced: false,
            made_at: self.now,
            used_at: None,
        }
    }

    fn answered(&mut self) -> AnsweredCeremony {
        AnsweredCeremony { challenge: self.id(), expires_at: self.now.plus(1_000) }
    }

    fn accept(&mut self, invitation: &str) -> Result<Person, Code> {
        let accept = Accept {
            invitation: invitation.into(),
            operator: self.id(),
            name: None,
            passkey: self.passkey(),
            answered: self.answered(),
            session: self.session(),
        };
        let answer = self.run(By::Unknown, None, AccessChange::Accept(Box::new(accept)))?;
        let Answer::SignedIn(begun) = answer else { panic!("{answer:?}") };
        Ok((begun.0.id, begun.1.id))
    }

    fn person(&mut self, role: Role) -> Person {
        let invite = self.invite(role);
        self.command(AccessChange::Invite(invite.clone())).unwrap();
        self.accept(&invite.id).unwrap()
    }

    fn sign_in(&mut self, operator: &str) -> Result<Person, Code> {
        let known: Option<OperatorRecord> = self.set.stored(operator).unwrap();
        let passkey = known.ok_or(Code::OperatorUnknown)?.passkeys[0].clone();
        let sign_in = SignIn {
            operator: operator.into(),
            seen: passkey.state.clone(),
            passkey,
            answered: self.answered(),
            session: self.session(),
        };
        let answer = self.run(By::Unknown, None, AccessChange::SignIn(Box::new(sign_in)))?;
        let Answer::SignedIn(begun) = answer else { panic!("{answer:?}") };
        Ok((begun.0.id, begun.1.id))
    }

    fn operators(&self) -> Vec<OperatorRecord> {
        self.set.all_stored().unwrap()
    }

    fn sessions(&self) -> Vec<SessionRecord> {
        self.set.all_stored().unwrap()
    }
}

fn set_role(id: &str, role: Role) -> AccessChange {
    AccessChange::SetRole { id: id.into(), role }
}

fn dismiss(id: &str) -> AccessChange {
    AccessChange::Dismiss { id: id.into() }
}

#[test]
fn the_first_owner_is_invited_while_nobody_is_there_and_by_one_link_at_a_time() {
    let mut world = World::new();
    let (first, second) = (world.invite(Role::Owner), world.invite(Role::Owner));
    for invite in [&first, &second] {
        let invited = world.run(By::Server, None, AccessChange::InviteFirst(invite.clone()));
        assert!(matches!(invited, Ok(Answer::Invited(_))));
    }
    assert_eq!(world.accept(&first.id), Err(Code::InvitationWrong), "the second one is in its place");
    world.accept(&second.id).unwrap();
    let third = world.invite(Role::Owner);
    assert_eq!(world.run(By::Server, None, AccessChange::InviteFirst(third)), Ok(Answer::Operated));
    assert_eq!(world.entries.len(), 3);
}

#[test]
fn a_key_or_an_operator_ends_the_invitation_of_the_first_owner() {
    for with_key in [false, true] {
        let mut world = World::new();
        let first = world.invite(Role::Owner);
        world.run(By::Server, None, AccessChange::InviteFirst(first.clone())).unwrap();
        if with_key {
            let request = ApiKeyRequest {
                name: "x".to_owned(),
                role: Role::Viewer,
                scopes: None,
                mode: KeyMode::Live,
                ranges: Vec::new(),
                expires_at_ms: None,
            };
            let make = MakeKey { id: "0".repeat(16), hash: Hash([3; 32]), request };
            let operation = Operation {
                now: world.now,
                by: By::CommandLine,
                from: None,
                session: None,
                change: Change::MakeKey(make),
                second: Second::Unasked,
            };
            let (_, effects) = decide_apart(&world.set, &operation).unwrap();
            world.set.apply(effects);
        } else {
            world.person(Role::Viewer);
        }
        assert_eq!(world.accept(&first.id), Err(Code::InvitationWrong), "{with_key}");
    }
}

#[test]
fn a_role_gives_and_takes_what_it_has_itself_and_no_more() {
    for role in Role::ALL {
        let mut world = World::new();
        world.person(Role::Owner);
        let (asking, other) = (world.person(role), world.person(Role::Viewer));
        let may = role == Role::Owner;
        let refused = (!may).then_some(Code::AccessRefused);
        let invite = world.invite(Role::Viewer);
        for change in [
            AccessChange::Invite(invite.clone()),
            AccessChange::RevokeInvitation { id: invite.id.as_str().into() },
            AccessChange::EndSession { id: other.1.as_str().into(), is_sign_out: false },
            set_role(&other.0, Role::Editor),
            dismiss(&other.0),
        ] {
            let told = format!("{role:?} {change:?}");
            assert_eq!(world.by(&asking, change).err(), refused, "{told}");
        }
        let own = AccessChange::EndSession { id: asking.1.as_str().into(), is_sign_out: true };
        assert!(world.by(&asking, own).is_ok(), "{role:?}");
        let again = world.by(&asking, set_role(&asking.0, role));
        assert_eq!(again.err(), Some(Code::SessionEnded), "{role:?}");
    }
}

#[test]
fn whoever_is_dismissed_or_demoted_invites_nobody_any_more() {
    for demoted in [false, true] {
        let mut world = World::new();
        world.person(Role::Owner);
        let grace = world.person(Role::Owner);
        let invite = world.invite(Role::Owner);
        world.by(&grace, AccessChange::Invite(invite.clone())).unwrap();
        let change = if demoted { set_role(&grace.0, Role::Editor) } else { dismiss(&grace.0) };
        world.command(change).unwrap();
        assert_eq!(world.accept(&invite.id), Err(Code::InvitationWrong));
        assert_eq!(world.sessions().iter().any(|it| it.operator == grace.0), demoted);
    }
}

#[test]
fn an_answer_counts_once_and_one_that_was_overtaken_by_another_does_not() {
    let mut world = World::new();
    let (ada, _) = world.person(Role::Owner);
    let passkey = world.operators()[0].passkeys[0].clone();
    let sign_in = |world: &mut World, seen: &str, state: &str, answered: &AnsweredCeremony| {
        let passkey = PasskeyRecord { state: state.to_owned(), ..passkey.clone() };
        let session = world.session();
        let sign_in = SignIn {
            operator: ada.as_str().into(),
            seen: seen.to_owned(),
            passkey,
            answered: answered.clone(),
            session,
        };
        world.run(By::Unknown, None, AccessChange::SignIn(Box::new(sign_in))).err()
    };
    let (one, other) = (world.answered(), world.answered());
    assert_eq!(sign_in(&mut world, "state", "later", &one), None);
    assert_eq!(sign_in(&mut world, "later", "later", &one), Some(Code::CeremonyOver), "once more");
    assert_eq!(sign_in(&mut world, "state", "later", &other), Some(Code::CeremonyOver), "overtaken");
    assert_eq!(sign_in(&mut world, "later", "last", &other), None);
    world.now = world.now.plus(1_000);
    let late = AnsweredCeremony { challenge: "late".to_owned(), expires_at: world.now };
    assert_eq!(sign_in(&mut world, "last", "last", &late), Some(Code::CeremonyOver));
    let next = world.answered();
    assert_eq!(sign_in(&mut world, "last", "last", &next), None);
    let known: Vec<AnsweredCeremony> = world.set.all_stored().unwrap();
    assert_eq!(known, [next], "what cannot come again is forgotten");
}

#[test]
fn the_entries_of_the_audit_log_have_no_hashes() {
    let mut world = World::new();
    let ada = world.person(Role::Owner);
    world.sign_in(&ada.0).unwrap();
    world.by(&ada, AccessChange::EndSession { id: ada.1.as_str().into(), is_sign_out: true }).unwrap();
    let told = serde_json::to_string(&world.entries).unwrap();
    for secret in [Hash([1; 32]), Hash([2; 32])] {
        assert!(!told.contains(&secret.to_string()), "{told}");
    }
    let actions: Vec<&str> = world.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["invitation.make", "invitation.take", "sign_in", "sign_out"]);
}

/// What somebody tries: who of those who have ever signed in, about whom, and what.
fn attempts() -> impl Strategy<Value = Vec<(usize, usize, u8, u64)>> {
    prop::collection::vec((0_usize..8, 0_usize..8, 0_u8..9, 0_u64..SESSION_IDLE_MS / 4), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_operators_try_there_is_an_owner_and_nobody_is_there_without_a_passkey(attempts in attempts()) {
        let mut world = World::new();
        let mut people = vec![world.person(Role::Owner)];
        for (who, whom, what, wait) in attempts {
            world.now = world.now.plus(wait);
            let asking = people[who % people.len()].clone();
            let about = people[whom % people.len()].clone();
            let tried = match what {
                0 => {
                    let invite = world.invite(Role::ALL[whom % 4]);
                    let made = world.by(&asking, AccessChange::Invite(invite.clone()));
                    if made.is_ok() {
                        people.push(world.accept(&invite.id).unwrap());
                    }
                    made
                }
                1 => world.by(&asking, dismiss(&about.0)),
                2..4 => world.by(&asking, set_role(&about.0, Role::ALL[(who + usize::from(what)) % 4])),
                4 => world.by(&asking, AccessChange::EndSession { id: about.1.as_str().into(), is_sign_out: false }),
                5 => {
                    let (passkey, answered) = (Box::new(world.passkey()), world.answered());
                    world.by(&asking, AccessChange::AddPasskey { operator: asking.0.as_str().into(), passkey, answered })
                }
                6 => {
                    let known: Option<OperatorRecord> = world.set.stored(&asking.0).unwrap();
                    let passkey = known.map_or_else(String::new, |it| it.passkeys[0].id.clone());
                    let operator = asking.0.as_str().into();
                    world.by(&asking, AccessChange::RemovePasskey { operator, passkey: passkey.as_str().into() })
                }
                _ => {
                    if let Ok(person) = world.sign_in(&about.0) {
                        people.push(person);
                    }
                    Ok(Answer::Operated)
                }
            };
            prop_assert_ne!(tried.err(), Some(Code::Internal));
            let (operators, sessions) = (world.operators(), world.sessions());
            prop_assert!(operators.iter().any(|it| it.role == Role::Owner));
            prop_assert!(operators.iter().all(|it| (1..=PASSKEYS_MAX).contains(&it.passkeys.len())));
            let credentials: Vec<&str> =
                operators.iter().flat_map(|it| it.passkeys.iter().map(|passkey| passkey.credential.as_str())).collect();
            prop_assert_eq!(credentials.iter().collect::<BTreeSet<_>>().len(), credentials.len());
            for session in &sessions {
                prop_assert!(operators.iter().any(|it| it.id == session.operator));
                let own = sessions.iter().filter(|it| it.operator == session.operator);
                prop_assert!(own.filter(|it| it.is_open(world.now)).count() <= SESSIONS_MAX);
            }
        }
    }
}
