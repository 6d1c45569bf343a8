//! How a round ended, what it earned, and why.

use dripline_shared::api::{LevelView, OutcomeView, Receipt};
use dripline_shared::reward::{BASIS_POINTS, Factor, FactorName};
use yew::prelude::*;

use crate::api::Failure;
use crate::app::Dripline;
use crate::components::count_up::CountUp;
use crate::components::icon::{Icon, icon};
use crate::components::link::link;
use crate::components::notice::{Weight, notice};
use crate::components::remaining::Remaining;
use crate::components::stars::stars;
use crate::format::{factor, fill, number};
use crate::locales::failures::{Explanation, explain};
use crate::locales::texts;
use crate::pages::round::{Ending, Message, RoundPage};
use crate::route::Route;

/// The result.
pub(super) fn result(context: &Context<RoundPage>, level: &LevelView, ending: &Ending) -> Html {
    let dripline = &context.props().dripline;
    let now = dripline.api.now();
    let told = match ending {
        Ending::Paid(receipt) => paid(dripline, receipt),
        Ending::Later(_, score, failure, at) => {
            let explanation = explain(failure, now);
            let score = outcome_line(&fill(texts().score_was, &[("score", &number(u64::from(*score)))]));
            html! {
                <>
                    <h1>{ texts().won_later_title }</h1>
                    { score }
                    { notice(Weight::Calm, &explanation.title, html! {
                        <p>{ texts().won_later }{ " " }<Remaining api={dripline.api.clone()} until={*at} /></p>
                    }) }
                </>
            }
        }
        Ending::Refused(score, failure) => refused(dripline, *score, failure),
        Ending::Lost(score) => html! {
            <>
                <h1>{ texts().lost_title }</h1>
                { outcome_line(&fill(texts().lost, &[("score", &number(u64::from(*score))), ("goal", &level.goal)])) }
                <p class="quiet">{ texts().lost_costs }</p>
            </>
        },
        Ending::Broken(failure) => ended(&explain(failure, now)),
        Ending::TimedOut => html! { <><h1>{ texts().timed_out_title }</h1><p>{ texts().timed_out }</p></> },
        Ending::Gone => html! { <><h1>{ texts().round_gone_title }</h1><p>{ texts().round_gone }</p></> },
    };
    let class = classes!("card", "result", matches!(ending, Ending::Paid(_)).then_some("is-paid"));
    html! {
        <div class="result-page">
            <article {class} aria-live="polite">
                <p class="eyebrow">{ level.level.play.facts().name }{ " · " }{ &level.level.name }</p>
                { told }
                { choices(context, level, ending) }
            </article>
        </div>
    }
}

fn outcome_line(text: &str) -> Html {
    html! { <p class="result-outcome">{ text.to_owned() }</p> }
}

fn ended(explanation: &Explanation) -> Html {
    html! { <><h1>{ &explanation.title }</h1><p>{ &explanation.advice }</p></> }
}

/// A won round whose reward was refused for good.
fn refused(dripline: &Dripline, score: u32, failure: &Failure) -> Html {
    let explanation = explain(failure, dripline.api.now());
    let seen = RoundPage::seen(failure).map(|seen| {
        fill(
            texts().server_saw,
            &[("score", &number(u64::from(seen.score))), ("length", &number(u64::from(seen.length)))],
        )
    });
    html! {
        <>
            { ended(&explanation) }
            { outcome_line(&fill(texts().score_was, &[("score", &number(u64::from(score)))])) }
            if let Some(seen) = seen { <p class="quiet">{ seen }</p> }
        </>
    }
}

fn paid(dripline: &Dripline, receipt: &Receipt) -> Html {
    let faucet = &dripline.faucet;
    let asset = faucet.catalog.ready().map(|catalog| catalog.asset.clone());
    let OutcomeView { score, stars: reached, .. } = receipt.outcome;
    let is_at_risk = !faucet.is_backed_up;
    html! {
        <>
            <h1>{ texts().won_title }</h1>
            <div class="result-stars">{ stars(reached) }</div>
            <p class="result-outcome">{ fill(texts().score_was, &[("score", &number(u64::from(score)))]) }</p>
            <div class="drip">
                <span class="drip-drop">{ icon(Icon::Drop) }</span>
                <span class="drip-pool" aria-hidden="true"></span>
                <p class="drip-amount">
                    if let Some(asset) = asset { <CountUp amount={receipt.amount} {asset} /> }
                </p>
            </div>
            { sum(dripline, receipt) }
            if is_at_risk {
                { notice(Weight::Warning, texts().first_backup_title, html! {
                    <>
                        <p>{ texts().first_backup }</p>
                        { link(&dripline.go, Route::Wallet, "button is-quiet", html! { { texts().to_backup } }) }
                    </>
                }) }
            }
            { details(receipt) }
        </>
    }
}

/// Why the drip is what it is: the base, every factor by name, and what they make.
fn sum(dripline: &Dripline, receipt: &Receipt) -> Html {
    let faucet = &dripline.faucet;
    html! {
        <dl class="sum">
            <div class="sum-line"><dt>{ texts().base }</dt><dd>{ faucet.money(receipt.base) }</dd></div>
            { for receipt.factors.iter().copied().map(factor_line) }
            <div class="sum-line is-total"><dt>{ texts().drip }</dt><dd>{ faucet.money(receipt.amount) }</dd></div>
            <div class="sum-line is-quiet"><dt>{ texts().new_balance }</dt><dd>{ faucet.money(receipt.balance) }</dd></div>
            <div class="sum-line is-quiet">
                <dt>{ texts().pays_again }</dt>
                <dd><Remaining api={dripline.api.clone()} until={receipt.pays_again_at_ms} /></dd>
            </div>
        </dl>
    }
}

fn factor_line(applied: Factor) -> Html {
    let (name, why) = match applied.name {
        FactorName::Stars => (texts().factor_stars, texts().factor_stars_why),
        FactorName::FirstClear => (texts().factor_first_clear, texts().factor_first_clear_why),
        FactorName::Streak => (texts().factor_streak, texts().factor_streak_why),
        FactorName::Repeat => (texts().factor_repeat, texts().factor_repeat_why),
    };
    let effect = match applied.basis_points.cmp(&BASIS_POINTS) {
        std::cmp::Ordering::Less => "is-less",
        std::cmp::Ordering::Equal => "is-same",
        std::cmp::Ordering::Greater => "is-more",
    };
    html! {
        <div class={classes!("sum-line", effect)}>
            <dt>{ name }<span class="sum-why">{ why }</span></dt>
            <dd>{ factor(applied.basis_points) }</dd>
        </div>
    }
}

/// What proves the drip.
fn details(receipt: &Receipt) -> Html {
    let line = |name: &'static str, value: String| html! { <div><dt>{ name }</dt><dd><code>{ value }</code></dd></div> };
    html! {
        <details class="receipt">
            <summary>{ texts().receipt }</summary>
            <p class="quiet">{ texts().receipt_explained }</p>
            <dl>
                { line(texts().receipt_round, receipt.round.to_string()) }
                { line(texts().receipt_transcript, receipt.transcript.to_string()) }
                { line(texts().receipt_secret, receipt.round_secret.to_string()) }
                { line(texts().receipt_faucet, receipt.faucet.to_string()) }
                { line(texts().receipt_key, receipt.key_id.clone()) }
                { line(texts().receipt_signature, receipt.signature.to_string()) }
            </dl>
        </details>
    }
}

/// Where to go from here.
fn choices(context: &Context<RoundPage>, level: &LevelView, ending: &Ending) -> Html {
    let dripline = &context.props().dripline;
    let again = context.link().callback(|_: MouseEvent| Message::Start(None));
    let is_won = matches!(ending, Ending::Paid(_) | Ending::Later(..));
    let next = dripline.faucet.next_level(&level.id).filter(|_| is_won);
    let again_class = if next.is_some() { "button is-quiet" } else { "button" };
    html! {
        <div class="buttons">
            if let Some(next) = next {
                { link(&dripline.go, Route::Play(next.id.clone()), "button", html! {
                    <>{ texts().next_level }<span class="button-detail">{ &next.level.name }</span></>
                }) }
            }
            <button id="again" class={again_class} onclick={again}>{ texts().play_again }</button>
            { link(&dripline.go, Route::Map, "button is-quiet", html! { { texts().to_levels } }) }
        </div>
    }
}
