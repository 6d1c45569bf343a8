//! What the operator tells players.

use dripline_shared::api::Notices;
use serde_json::json;

use crate::process::{Folder, Serving, get};
use crate::support::Server;

#[tokio::test]
async fn where_there_is_nothing_to_tell_nothing_is_told() {
    let server = Server::start();
    assert_eq!(server.get("/api/v1/notices").await.json::<serde_json::Value>(), json!({}));
    let notices = Notices { terms: Some("Play fair.".to_owned()), ..Notices::default() };
    let server = Server::with(|options| options.notices = notices.clone());
    assert_eq!(server.get("/api/v1/notices").await.json::<Notices>(), notices);
}

#[test]
fn players_are_told_what_the_configuration_says() {
    let folder = Folder::new("notices");
    let text = "[notices]\nexcluded_regions = 'Not in Atlantis.'\nterms_url = 'https://play.example/terms'\n";
    let config = folder.file("dripline.toml", text);
    let serving = Serving::with(&folder.0.join("data"), &["--config", config.to_str().unwrap()], &[]);
    let (_, told) = get(&format!("{}/api/v1/notices", serving.address));
    serving.stop();
    let expected = json!({"excluded_regions": "Not in Atlantis.", "terms_url": "https://play.example/terms"});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&told).unwrap(), expected);
}
