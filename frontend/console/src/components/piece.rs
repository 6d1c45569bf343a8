//! Parts of pages that have a state of their own. One component shows all of them, each a hook that gives what is seen: a component for
//! each would be two kilobytes of code that say the same.

use std::any::Any;
use std::rc::Rc;

use yew::functional::{Hook, HookContext};
use yew::prelude::*;
use yew::virtual_dom::Key;

/// The part that this hook shows; of what it is given, where it is given something. The key tells it apart from others of its kind in
/// the same place: with another one it begins anew.
macro_rules! piece {
    ($hook:path) => {
        $crate::components::piece_of(
            stringify!($hook),
            |(): &(), context| ::yew::functional::Hook::run($hook(), context),
            (),
        )
    };
    ($hook:path, $key:expr, $given:expr) => {
        $crate::components::piece_of(
            format!("{} {}", stringify!($hook), $key),
            |given, context| ::yew::functional::Hook::run($hook(given), context),
            $given,
        )
    };
}
pub(crate) use piece;

/// Gives what is seen of what it is given.
type Show<P> = fn(&P, &mut HookContext) -> Html;

/// The part that this function shows; see [`piece!`].
pub(crate) fn piece_of<P: PartialEq + 'static>(key: impl Into<Key>, show: Show<P>, given: P) -> Html {
    html! { <Piece key={key.into()} part={Part(Rc::new(Given { show, given }))} /> }
}

/// A function with what it is given.
struct Given<P> {
    show: Show<P>,
    given: P,
}

/// The same, whatever it is given.
trait Shown {
    fn show(&self, context: &mut HookContext) -> Html;
    fn as_any(&self) -> &dyn Any;
    fn is_same(&self, other: &dyn Any) -> bool;
}

impl<P: PartialEq + 'static> Shown for Given<P> {
    fn show(&self, context: &mut HookContext) -> Html {
        (self.show)(&self.given, context)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is_same(&self, other: &dyn Any) -> bool {
        // What has the same key has the same function.
        other.downcast_ref::<Self>().is_some_and(|other| other.given == self.given)
    }
}

#[derive(Clone)]
struct Part(Rc<dyn Shown>);

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_same(other.0.as_any())
    }
}

#[derive(PartialEq, Properties)]
struct PieceProps {
    part: Part,
}

#[component]
fn Piece(props: &PieceProps) -> Html {
    use_part(props.part.clone())
}

const fn use_part(part: Part) -> impl Hook<Output = Html> {
    part
}

impl Hook for Part {
    type Output = Html;

    fn run(self, context: &mut HookContext) -> Html {
        self.0.show(context)
    }
}
