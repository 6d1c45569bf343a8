//! Elements, put together by calls: `element("ol", "levels").with(text("li", "", "Rain"))`.
//!
//! Yew's `html!` would do the same, but unfolds into some hundred bytes of code wherever an element is written down, and the
//! page has hundreds of them. A call is a few bytes, and a page that is small is on the screen soon.

use std::rc::Rc;

use web_sys::Event;
use yew::html::NodeRef;
use yew::virtual_dom::{
    AttributeOrProperty, Attributes, Key, Listener, ListenerKind, VList, VNode, VTag, VText,
};
use yew::{AttrValue, Html};

use crate::app::{Link, Message, Press};

macro_rules! names {
    ($($name:ident: $text:literal,)*) => {
        /// The name of an attribute.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Name {
            $(
                #[doc = $text]
                $name,
            )*
        }

        /// Every name, in order. All elements have this one list, and a value or none for each name: so Yew compares the
        /// values of an element one by one, and needs no map for them.
        static NAMES: &[&str] = &[$($text),*];
        /// The values of an element without attributes.
        const NO_VALUES: [Option<AttributeOrProperty>; [$($text),*].len()] = [const { None }; [$($text),*].len()];
    };
}

names! {
    Class: "class",
    AriaAtomic: "aria-atomic",
    AriaCurrent: "aria-current",
    AriaDescribedby: "aria-describedby",
    AriaExpanded: "aria-expanded",
    AriaHidden: "aria-hidden",
    AriaInvalid: "aria-invalid",
    AriaLabel: "aria-label",
    AriaLabelledby: "aria-labelledby",
    AriaLive: "aria-live",
    AriaPressed: "aria-pressed",
    Autocapitalize: "autocapitalize",
    Autocomplete: "autocomplete",
    D: "d",
    Datetime: "datetime",
    Disabled: "disabled",
    Focusable: "focusable",
    For: "for",
    Href: "href",
    Id: "id",
    Inputmode: "inputmode",
    Max: "max",
    Required: "required",
    Role: "role",
    Rows: "rows",
    Scope: "scope",
    Spellcheck: "spellcheck",
    Tabindex: "tabindex",
    Title: "title",
    Value: "value",
    ViewBox: "viewBox",
}

/// An element in the making.
#[must_use]
pub(crate) struct Element(Box<VTag>);

/// An element with these classes; with none where `class` is empty.
#[inline(never)]
pub(crate) fn element(tag: &'static str, class: &'static str) -> Element {
    let mut element = Box::new(VTag::new(tag));
    element.set_attributes(Attributes::Dynamic { keys: NAMES, values: Box::new(NO_VALUES) });
    let element = Element(element);
    if class.is_empty() { element } else { element.set(Name::Class, AttributeOrProperty::Static(class)) }
}

/// An element with a text in it.
#[inline(never)]
pub(crate) fn text(tag: &'static str, class: &'static str, text: &str) -> Element {
    element(tag, class).text(text)
}

/// A button that says `name`.
#[inline(never)]
pub(crate) fn button(link: &Link, press: Press, class: &'static str, name: &str) -> Element {
    text("button", class, name).pressed(link, press)
}

/// Words that only a screen reader says.
pub(crate) fn unseen(words: &str) -> Element {
    text("span", "visually-hidden", words)
}

/// Elements side by side, without one around them.
#[inline(never)]
pub(crate) fn side_by_side(elements: Vec<Element>) -> Html {
    let mut list = VList::new();
    for element in elements {
        list.add_child(element.into());
    }
    list.into()
}

/// A fact as an attribute that takes `true` or `false` says it.
pub(crate) const fn truth(fact: bool) -> &'static str {
    if fact { "true" } else { "false" }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        VNode::VTag(Rc::from(element.0))
    }
}

impl Element {
    /// With an attribute.
    #[inline(never)]
    pub(crate) fn attribute(self, name: Name, value: &str) -> Self {
        self.set(name, AttributeOrProperty::Attribute(AttrValue::from(value.to_owned())))
    }

    /// With an attribute where `condition` holds.
    #[inline(never)]
    pub(crate) fn attribute_if(self, condition: bool, name: Name, value: &str) -> Self {
        if condition { self.attribute(name, value) } else { self }
    }

    /// With a text at its end.
    #[inline(never)]
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.add_child(VText::new(text.to_owned()).into());
        self
    }

    /// With an element at its end.
    #[inline(never)]
    pub(crate) fn with(mut self, child: Element) -> Self {
        self.push(child);
        self
    }

    /// With an element at its end, if there is one. Its place is kept where there is none: Yew takes children by their
    /// places, and what stands before or after has to remain what it is.
    #[inline(never)]
    pub(crate) fn maybe(mut self, child: Option<Element>) -> Self {
        self.0.add_child(child.map_or_else(Html::default, Html::from));
        self
    }

    /// With any number of elements, in one place at its end.
    #[inline(never)]
    pub(crate) fn group(mut self, children: Vec<Element>) -> Self {
        self.0.add_child(side_by_side(children));
        self
    }

    /// Puts an element at its end. Whether it is put there must not change while the page stands; else see
    /// [`Element::maybe`].
    #[inline(never)]
    pub(crate) fn push(&mut self, child: Element) {
        self.0.add_child(child.into());
    }

    /// Told apart by `key`: with another key it is another element, that has nothing of this one.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.0.key = Some(Key::from(key.to_owned()));
        self
    }

    /// Found by `reference` once it is on the page.
    pub(crate) fn reference(mut self, reference: &NodeRef) -> Self {
        self.0.node_ref = reference.clone();
        self
    }

    /// Tells the page when it is pressed.
    #[inline(never)]
    pub(crate) fn pressed(self, link: &Link, press: Press) -> Self {
        self.listened(Rc::new(Pressed { link: link.clone(), press, is_form: false }))
    }

    /// Tells the page when the form is handed in.
    pub(crate) fn submitted(self, link: &Link, press: Press) -> Self {
        self.listened(Rc::new(Pressed { link: link.clone(), press, is_form: true }))
    }

    fn set(mut self, name: Name, value: AttributeOrProperty) -> Self {
        if let Attributes::Dynamic { values, .. } = &mut self.0.attributes
            && let Some(place) = values.get_mut(name as usize)
        {
            *place = Some(value);
        }
        self
    }

    /// Listened to.
    pub(super) fn listened(mut self, listener: Rc<dyn Listener>) -> Self {
        self.0.add_listener(listener);
        self
    }
}

/// Turns an event into something that the player pressed.
struct Pressed {
    link: Link,
    press: Press,
    /// Whether it is a form that is handed in.
    is_form: bool,
}

impl Listener for Pressed {
    fn kind(&self) -> ListenerKind {
        if self.is_form { ListenerKind::onsubmit } else { ListenerKind::onclick }
    }

    fn handle(&self, event: Event) {
        // What a form does by itself would load the page anew.
        event.prevent_default();
        self.link.send_message(Message::Press(self.press));
    }

    fn passive(&self) -> bool {
        false
    }
}
