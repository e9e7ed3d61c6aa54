//! Steps that follow each other: what is done, what is under way, what is to come.

use yew::prelude::*;

use super::icon::{Icon, Symbol};
use crate::i18n::t;

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is done.
    Done,
    /// It is under way.
    Now,
    /// It is to come.
    Later,
}

impl Standing {
    /// Where a step stands when another one is under way.
    pub fn of<T: Ord>(step: &T, now: &T) -> Self {
        match step.cmp(now) {
            core::cmp::Ordering::Less => Self::Done,
            core::cmp::Ordering::Equal => Self::Now,
            core::cmp::Ordering::Greater => Self::Later,
        }
    }

    fn words(self) -> String {
        match self {
            Self::Done => t!("creating-step-done"),
            Self::Now => t!("creating-step-now"),
            Self::Later => t!("creating-step-later"),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Now => "now",
            Self::Later => "later",
        }
    }
}

/// Properties of [`StepLine`].
#[derive(Properties, PartialEq)]
pub struct StepLineProps {
    /// Where it stands.
    pub standing: Standing,
    /// What it is.
    pub text: AttrValue,
    /// Name for tests, where the step is the present one.
    #[prop_or_default]
    pub testid: Option<AttrValue>,
    /// What is to be said about it.
    #[prop_or_default]
    pub children: Html,
}

/// One step, as an item of a list.
#[component]
pub fn StepLine(props: &StepLineProps) -> Html {
    let standing = props.standing;
    let mark = match standing {
        Standing::Later => html! { <span class="step-dot" aria-hidden="true"></span> },
        Standing::Now => html! { <Icon symbol={Symbol::Busy} class="spin" /> },
        Standing::Done => html! { <Icon symbol={Symbol::CheckCircle} /> },
    };
    let testid = props.testid.clone().filter(|_| standing == Standing::Now);
    html! {
        <li class="step-item" aria-current={(standing == Standing::Now).then_some("step")} data-testid={testid}>
            <p class={classes!("step", standing.key())}>
                { mark }
                <span>{ props.text.clone() }</span>
                <span class="visually-hidden">{ "(" }{ standing.words() }{ ")" }</span>
            </p>
            { props.children.clone() }
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_before_are_done_and_those_after_are_to_come() {
        let standings = [1, 2, 3].map(|step| Standing::of(&step, &2));
        assert_eq!(standings, [Standing::Done, Standing::Now, Standing::Later]);
    }
}
