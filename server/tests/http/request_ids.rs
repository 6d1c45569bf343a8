//! The ids of requests: whose are believed, and that every answer has one.

use dripline_server::http::Clients;

use crate::support::Server;

const HEADER: &str = "x-request-id";

#[tokio::test]
async fn an_id_is_taken_from_a_proxy_that_is_believed_and_from_nobody_else() {
    let proxies = vec!["10.0.0.0/8".parse().unwrap()];
    for believe_request_ids in [true, false] {
        let clients = Clients { proxies: proxies.clone(), believe_request_ids, ..Clients::default() };
        let server = Server::with(|options| options.clients = clients);
        let mut given = Vec::new();
        for peer in ["10.1.1.1", "192.0.2.7"] {
            let answer = server.get_from(peer, "/api/v1/levels", &[(HEADER, "of-a-proxy.1")]).await;
            given.push(answer.header(HEADER).unwrap().to_owned());
        }
        assert_eq!(given[0] == "of-a-proxy.1", believe_request_ids);
        assert_ne!(given[1], "of-a-proxy.1");
        assert_ne!(given[0], given[1]);
    }
}
