//! Operators beside players, or on a listener of their own.

use axum::http::StatusCode;
use dripline_shared::error::Code;

use super::Operators;

#[tokio::test]
async fn beside_a_listener_of_its_own_the_public_one_does_not_know_operators() {
    let mut operators = Operators::with("listeners", |options| options.serves_admin = false).await;
    for path in ["/admin/v1/me", "/admin/v1/keys", "/admin/openapi.json"] {
        let answer = operators.own("GET", path, None).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, Code::NotFound), "{path}");
    }
    assert_eq!(operators.own("GET", "/api/v1/levels", None).await.status, StatusCode::OK);
    // The other one knows nothing else.
    operators.server.router = operators.server.admin_router.clone();
    for path in ["/admin/v1/me", "/admin/v1/keys", "/admin/openapi.json"] {
        assert_eq!(operators.own("GET", path, None).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/api/v1/levels", "/", "/index.html", "/api/docs"] {
        let answer = operators.own("GET", path, None).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, Code::NotFound), "{path}");
    }
    assert_eq!(
        operators.send_from("192.0.2.7", None, "GET", "/admin/v1/me", None).await.code(),
        Code::AccessMissing
    );
}
