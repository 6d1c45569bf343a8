//! Routes and what the OpenAPI documents say of them. What is said is made when somebody asks for a document: made at the start
//! it would take many times what the idle server needs otherwise, and hardly any server is ever asked.

use std::fmt;

use axum::Router;
use axum::routing::MethodRouter;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::App;

/// Operations as [`routes!`] makes them of their handlers.
pub(super) struct Operations {
    /// For each, its path and how its method is answered.
    pub routes: Vec<(String, MethodRouter<App>)>,
    /// What is said of them.
    pub described: fn() -> UtoipaMethodRouter<App>,
}

/// Routes whose description can still be made.
#[derive(Default)]
pub(super) struct Documented {
    router: Router<App>,
    described: Vec<fn() -> UtoipaMethodRouter<App>>,
}

impl fmt::Debug for Documented {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Documented").field("described", &self.described.len()).finish_non_exhaustive()
    }
}

impl Documented {
    /// No routes.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// These, and what [`routes!`] has made.
    pub(super) fn routes(mut self, operations: Operations) -> Self {
        for (path, method) in operations.routes {
            self.router = self.router.route(&path, method);
        }
        self.described.push(operations.described);
        self
    }

    /// Both.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.described.extend(other.described);
        self
    }

    /// What answers.
    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }

    /// The document that says this of the whole, and of each operation what belongs to it.
    pub(super) fn document(&self, whole: OpenApi) -> OpenApi {
        let described = self.described.iter().map(|described| described());
        described.fold(OpenApiRouter::with_openapi(whole), OpenApiRouter::routes).into_openapi()
    }
}

/// The operations of these handlers, each of which `utoipa::path` describes.
macro_rules! routes {
    ($($handler:ident),+ $(,)?) => {
        $crate::http::documented::Operations {
            routes: vec![$({
                use utoipa::Path as _;
                use utoipa_axum::PathItemExt as _;
                type Operation = pastey::paste!([<__path_ $handler>]);
                let methods = Operation::methods().into_iter();
                let router = methods.fold(axum::routing::MethodRouter::new(), |router, method| {
                    router.on(method.to_method_filter(), $handler)
                });
                (Operation::path(), router)
            }),+],
            described: || utoipa_axum::routes!($($handler),+),
        }
    };
}
pub(super) use routes;
