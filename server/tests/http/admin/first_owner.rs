//! The first owner, and operators from outside: the binary, over a network.

use dripline_shared::api::Problem;
use dripline_shared::api::access::{Me, Role};
use dripline_shared::api::sign_in::{Ceremony, InvitationOptions, OperatorView};
use dripline_shared::error::Code;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::authenticator::Authenticator;
use crate::database::Database;
use crate::directory::copy;
use crate::process::{Folder, Serving, run};

/// An answer: its status, its body, and the cookie that it sets.
struct Told(u16, String, Option<String>);

impl Told {
    fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.0, 200, "{}", self.1);
        serde_json::from_str(&self.1).unwrap()
    }

    fn code(&self) -> Code {
        serde_json::from_str::<Problem>(&self.1).unwrap().code
    }
}

/// A page of this origin asks a server.
fn ask(address: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Told {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let url = format!("{address}{path}");
    let mut answer = match body {
        None => headers.iter().fold(agent.get(&url), |it, (name, value)| it.header(*name, *value)).call(),
        Some(body) => {
            let request = headers.iter().fold(agent.post(&url), |it, (name, value)| it.header(*name, *value));
            request.header("content-type", "application/json").send(body.to_string())
        }
    }
    .unwrap();
    let cookie = answer.headers().get("set-cookie").map(|it| it.to_str().unwrap());
    let cookie = cookie.map(|it| it.split(';').next().unwrap().to_owned());
    let body = answer.body_mut().read_to_string().unwrap();
    Told(answer.status().as_u16(), body, cookie)
}

/// Whoever has a link takes the invitation in it, at this server.
fn take(address: &str, link: &str, passkey: &mut Authenticator) -> Told {
    let (page, invitation) = link.split_once("#invitation=").unwrap();
    let origin = page.strip_suffix("/console").unwrap();
    assert_eq!(origin, passkey.origin);
    let headers = [("origin", origin), ("sec-fetch-site", "same-origin")];
    let asked = json!({ "invitation": invitation });
    let asked = ask(address, "/admin/v1/invitation/options", &headers, Some(asked));
    if asked.0 != 200 {
        return asked;
    }
    let asked: InvitationOptions = asked.json();
    let credential = passkey.create(&asked.public_key);
    let body = json!({
        "invitation": invitation, "ceremony": asked.ceremony, "credential": credential, "name": "Ada Lovelace"
    });
    ask(address, "/admin/v1/invitation", &headers, Some(body))
}

/// Where the page is that a browser on this machine has open.
fn origin_of(serving: &Serving) -> String {
    serving.address.replace("127.0.0.1", "localhost")
}

/// The link that a server has said.
fn link_of(serving: &mut Serving) -> String {
    let told = serving.lines.next().unwrap().unwrap();
    let (said, link) = told.rsplit_once(' ').unwrap();
    assert!(said.starts_with("nobody operates this faucet yet"), "{told}");
    link.to_owned()
}

#[test]
fn whoever_starts_a_server_becomes_its_owner_by_the_newest_link_that_it_says() {
    let folder = Folder::new("first-owner");
    let data = folder.0.join("data");
    let log_all = [("DRIPLINE_LOG_FILTER", "trace")];
    let mut serving = Serving::with(&data, &[], &log_all);
    let lost = link_of(&mut serving);
    let log = serving.stop();
    let (_, secret) = lost.rsplit_once('_').unwrap();
    assert!(!log.contains(secret), "no log has it");

    let mut serving = Serving::with(&data, &[], &log_all);
    let origin = origin_of(&serving);
    let link = link_of(&mut serving);
    assert!(link.starts_with(&format!("{origin}/console#invitation=")), "{link}");
    let lost = lost.replace(lost.split("/console").next().unwrap(), &origin);
    let mut passkey = Authenticator::new(1, &origin);
    assert_eq!(take(&serving.address, &lost, &mut passkey).code(), Code::InvitationWrong, "that of before");
    let taken = take(&serving.address, &link, &mut passkey);
    let me: Me = taken.json();
    assert_eq!((me.role, me.operator.unwrap().name.as_str()), (Role::Owner, "Ada Lovelace"));
    assert_eq!(take(&serving.address, &link, &mut passkey).code(), Code::InvitationWrong);
    let cookie = taken.2.unwrap();
    let seen: Me = ask(&serving.address, "/admin/v1/me", &[("cookie", &cookie)], None).json();
    assert_eq!((seen.by, seen.csrf), (me.by, me.csrf));
    let place = data.to_str().unwrap();
    let (code, told, _) = run(&["access", "operators", "--data", place]);
    assert_eq!(code, 0, "beside a server");
    assert!(
        told.contains("owner \"Ada Lovelace\"; signed in at ") && told.contains("passkey \"first\""),
        "{told}"
    );
    let log = serving.stop();
    for secret in [&cookie, &link] {
        assert!(!log.contains(secret.rsplit_once('_').unwrap().1), "no log has it");
    }

    // She has lost her passkey: whoever has the store helps her.
    let operators = || -> Vec<OperatorView> {
        let (code, views, _) = run(&["access", "operators", "--json", "--data", place]);
        assert_eq!(code, 0);
        serde_json::from_str(&views).unwrap()
    };
    let ada = operators().remove(0).id;
    let (code, _, told) = run(&["access", "dismiss", &ada, "--data", place]);
    assert_eq!(code, 1);
    assert!(told.contains("There would be no owner any more"), "{told}");
    let invite = |more: &[&str]| {
        run(&[&["access", "invite", "--role", "owner", "--name", "Ada", "--data", place][..], more].concat())
    };
    assert_eq!(invite(&["--valid-hours", "200"]).0, 2);
    let (code, link, told) = invite(&["--valid-hours", "1"]);
    assert_eq!(code, 0, "{told}");
    assert!(!told.contains(link.trim().rsplit_once('_').unwrap().1), "{told}");
    let serving = Serving::with(&data, &[], &[]);
    let origin = origin_of(&serving);
    // The server of a configuration has an address that is known; this one has taken a free one.
    let link = format!("{origin}/console{}", link.trim().split_once("/console").unwrap().1);
    let mut passkey = Authenticator::new(2, &origin);
    assert!(take(&serving.address, &link, &mut passkey).json::<Me>().csrf.is_some());
    assert_eq!(serving.stop_and_hear(), Vec::<String>::new(), "a server with an owner invites nobody");
    assert_eq!(run(&["access", "dismiss", &ada, "--data", place]).0, 0);
    assert_eq!(operators().len(), 1);
    assert_eq!(run(&["audit", "verify", "--data", place]).0, 0);
}

#[test]
fn servers_on_one_database_know_each_others_questions_sessions_and_dismissals() {
    let (folder, database) = (Folder::new("operators-database"), Database::new());
    let config = folder.file(
        "dripline.toml",
        "[store]\nurl = 'env:DRIPS_DATABASE'\n[server]\npublic_origins = ['https://play.example']\n",
    );
    let config = config.to_str().unwrap();
    let with = [("DRIPS_DATABASE", database.url.as_str())];
    let data = [folder.0.join("one"), folder.0.join("other")];
    let mut one = Serving::with(&data[0], &["--config", config], &with);
    let link = link_of(&mut one);
    assert!(link.starts_with("https://play.example/console#"), "{link}");
    copy(&data[0].join("keys"), &data[1].join("keys"));
    let mut passkey = Authenticator::new(1, "https://play.example");
    passkey.counter = 1;
    assert!(take(&one.address, &link, &mut passkey).json::<Me>().csrf.is_some());
    let other = Serving::with(&data[1], &["--config", config], &with);

    let headers = [("origin", "https://play.example")];
    let asked: Ceremony = ask(&one.address, "/admin/v1/sign-in/options", &headers, Some(json!({}))).json();
    let credential = passkey.get(&asked.public_key);
    let body = json!({ "ceremony": asked.ceremony, "credential": credential });
    let signed_in = ask(&other.address, "/admin/v1/sign-in", &headers, Some(body.clone()));
    let me: Me = signed_in.json();
    for serving in [&one, &other] {
        let again = ask(&serving.address, "/admin/v1/sign-in", &headers, Some(body.clone()));
        assert!([Code::CeremonyOver, Code::SignInRefused].contains(&again.code()), "{}", again.1);
    }
    let (cookie, csrf) = (signed_in.2.unwrap(), me.csrf.unwrap());
    let session = [("cookie", cookie.as_str()), ("x-dripline-csrf", csrf.as_str())];
    let invited = json!({ "name": "Grace", "role": "viewer" });
    let invited: Value = ask(&one.address, "/admin/v1/invitations", &session, Some(invited)).json();
    let mut of_grace = Authenticator::new(2, "https://play.example");
    let taken = take(&other.address, invited["link"].as_str().unwrap(), &mut of_grace);
    let grace: Me = taken.json();
    let of_session = [("cookie", taken.2.as_deref().unwrap())];
    let seen = |serving: &Serving| ask(&serving.address, "/admin/v1/me", &of_session, None);
    assert_eq!(seen(&one).json::<Me>().by, grace.by);
    let dismiss = format!("/admin/v1/operators/{}/dismiss", grace.operator.unwrap().id);
    assert_eq!(ask(&one.address, &dismiss, &session, Some(json!({}))).0, 200);
    for serving in [&one, &other] {
        assert_eq!(seen(serving).code(), Code::SessionEnded);
    }
    one.stop();
    other.stop();
    let (code, told, _) = {
        let ended = crate::process::dripline(&[
            "audit",
            "verify",
            "--config",
            config,
            "--data",
            data[0].to_str().unwrap(),
        ])
        .envs(with)
        .output()
        .unwrap();
        (ended.status.code().unwrap(), String::from_utf8(ended.stdout).unwrap(), ended.stderr)
    };
    assert_eq!(code, 0, "{told}");
}
