//! The messages to a webhook: how each stands, what went wrong, when it is sent next, and sending one again.

use dripline_shared::api::operate::webhooks::{
    DeliveryState, WEBHOOK_WAITING_MAX, WebhookDeliveries, WebhookDelivery,
};
use dripline_shared::time::Timestamp;
use gloo_net::http::Method;
use yew::prelude::*;

use crate::components::{Tone, button, notice, use_action, use_again_soon, use_loaded, use_pages};
use crate::{edge, format};

/// How many are seen at a time.
const PAGE: u32 = 20;

#[derive(PartialEq)]
pub(super) struct DeliveriesProps {
    /// Where the webhook is.
    pub(super) place: String,
    /// Whether none can be sent again: it is off, or can only be seen.
    pub(super) is_fixed: bool,
    /// Called when messages were given up: then its server may have said that it is gone.
    pub(super) ended: Callback<()>,
}

/// The messages, the newest first. Those that wait are looked at again and again.
#[hook]
pub(super) fn use_deliveries(props: &DeliveriesProps) -> Html {
    let action = use_action();
    let pages = use_pages();
    let first = format!("{}/deliveries?limit={PAGE}", props.place);
    let (page, again) = use_loaded::<WebhookDeliveries>(pages.path(first, '&'));
    let of = |state: DeliveryState| {
        let count = |page: &std::rc::Rc<WebhookDeliveries>| {
            page.deliveries.iter().filter(|it| it.state == state).count()
        };
        page.here().map_or(0, count)
    };
    use_again_soon(page.turn(), of(DeliveryState::Waiting) > 0, again.clone());
    {
        let ended = props.ended.clone();
        use_effect_with(of(DeliveryState::GivenUp), move |given_up| {
            if *given_up > 0 {
                ended.emit(());
            }
        });
    }
    let send = |number: u64| {
        let path = format!("{}/deliveries/{number}/resend", props.place);
        action.asking(Method::POST, path, "It is sent again, at once.", &again)
    };
    let row = |it: &WebhookDelivery| {
        let (class, state) = match it.state {
            DeliveryState::Waiting => ("badge", "waiting"),
            DeliveryState::Delivered => ("badge is-on", "taken"),
            DeliveryState::GivenUp => ("badge is-risk", "given up"),
        };
        html! {
            <li class="line" key={it.number}>
                <div class="delivery">
                    <p><strong>{ it.event.as_str() }</strong><span {class}>{ state }</span><span class="quiet">{ format!(" of {}", edge::second(it.made_at_ms)) }</span></p>
                    <p class="quiet">{ stands(it, edge::second) }</p>
                    if let Some(error) = &it.error {
                        <p class="setting-mistake">{ error }</p>
                    }
                    <details>
                        <summary>{ "What it says" }</summary>
                        <p class="quiet"><code>{ &it.message }</code></p>
                        <code class="copy-text">{ &it.body }</code>
                    </details>
                </div>
                if !props.is_fixed && it.tried_at_ms.is_some() {
                    { button("Send again", action.is_busy(), send(it.number)) }
                }
            </li>
        }
    };
    html! {
        <div class="stack deliveries" role="group" aria-label="Messages">
            { action.view() }
            { page.view(|page| html! {
                <>
                    { room(page.waiting) }
                    if page.deliveries.is_empty() {
                        <p class="quiet">{ "None yet, or none any more." }</p>
                    } else {
                        <ul>{ for page.deliveries.iter().map(row) }</ul>
                    }
                </>
            }) }
            <div class="buttons">
                { pages.buttons(page.here().and_then(|page| page.next_before), &again) }
            </div>
        </div>
    }
}

/// How many messages wait, of those that may.
fn room(waiting: u64) -> Html {
    let text =
        format!("{} of {} messages wait", format::number(waiting), format::number(WEBHOOK_WAITING_MAX));
    if waiting > WEBHOOK_WAITING_MAX / 2 {
        return notice(Tone::Risk, &format!("{text}: where there are more, the oldest are given up."));
    }
    let kept = "Those that were taken are kept for a day, and those that were given up for 14.";
    html! { <p class="quiet">{ format!("{text}. {kept}") }</p> }
}

/// How a message stands.
fn stands(it: &WebhookDelivery, moment: fn(Timestamp) -> String) -> String {
    let times = match it.attempts {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let tried = it.tried_at_ms.map(|at| format!("Sent {times}, the last time {}", moment(at)));
    match (it.state, tried, it.next_at_ms) {
        (DeliveryState::Waiting, Some(tried), Some(next)) => {
            format!("{tried}. Next attempt {}.", moment(next))
        }
        (DeliveryState::Waiting, None, _) if it.attempts > 0 => "It is being sent.".to_owned(),
        (_, Some(tried), _) => format!("{tried}."),
        (..) => "It was not sent yet.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use dripline_shared::api::operate::webhooks::SiteEvent;

    use super::*;

    fn told(state: DeliveryState, attempts: u32, tried: Option<u64>, next: Option<u64>) -> String {
        let delivery = WebhookDelivery {
            number: 7,
            message: "msg_1".to_owned(),
            event: SiteEvent::Drip,
            made_at_ms: Timestamp(0),
            state,
            attempts,
            tried_at_ms: tried.map(Timestamp),
            next_at_ms: next.map(Timestamp),
            error: None,
            body: "{}".to_owned(),
        };
        stands(&delivery, |at| format!("at {}", at.0))
    }

    #[test]
    fn a_message_tells_how_often_it_was_sent_and_when_it_is_next() {
        let waiting = DeliveryState::Waiting;
        assert_eq!(told(waiting, 0, None, Some(5)), "It was not sent yet.");
        // What is taken to be sent has a moment from which on that has failed, and not one at which it is sent again.
        assert_eq!(told(waiting, 1, None, Some(60)), "It is being sent.");
        assert_eq!(told(waiting, 1, Some(5), Some(9)), "Sent once, the last time at 5. Next attempt at 9.");
        assert_eq!(told(DeliveryState::Delivered, 2, Some(9), None), "Sent 2 times, the last time at 9.");
        assert_eq!(told(DeliveryState::GivenUp, 30, Some(9), None), "Sent 30 times, the last time at 9.");
        assert_eq!(told(DeliveryState::GivenUp, 0, None, None), "It was not sent yet.");
    }
}
