//! A list that the server tells page by page, the newest first.

use crate::api::Failure;

/// The list as far as it was fetched. `I` are the ids of its items.
pub(crate) struct Paged<T, I> {
    /// What has come.
    pub(crate) items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub(crate) next_before: Option<I>,
    /// Why the page that was asked for last did not come.
    failure: Option<Failure>,
    has_come: bool,
}

/// What there is beyond what has come of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rest<'a> {
    /// As far as is known nothing.
    Nothing,
    /// Another page.
    More,
    /// A page, be it the first one, that did not come.
    Failed(&'a Failure),
}

impl<T, I> Default for Paged<T, I> {
    fn default() -> Self {
        Self { items: Vec::new(), next_before: None, failure: None, has_come: false }
    }
}

impl<T, I: PartialEq> Paged<T, I> {
    /// Takes the page before an item, or the first page.
    pub(crate) fn take(&mut self, before: Option<&I>, answer: Result<(Vec<T>, Option<I>), Failure>) {
        self.has_come = true;
        match answer {
            Ok((items, next_before)) if before.is_none() => {
                self.items = items;
                self.next_before = next_before;
                self.failure = None;
            }
            Ok((items, next_before)) if before == self.next_before.as_ref() => {
                self.items.extend(items);
                self.next_before = next_before;
                self.failure = None;
            }
            // Asked for twice, or the list has begun anew in between.
            Ok(_) => {}
            Err(failure) => self.failure = Some(failure),
        }
    }

    /// Whether there is nothing in it, for certain.
    pub(crate) fn is_empty(&self) -> bool {
        self.has_come && self.failure.is_none() && self.items.is_empty()
    }

    /// What there is beyond what has come.
    pub(crate) fn rest(&self) -> Rest<'_> {
        match &self.failure {
            Some(failure) => Rest::Failed(failure),
            None if self.next_before.is_some() => Rest::More,
            None => Rest::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Numbers = Paged<u64, u64>;

    fn page(items: &[u64], next_before: Option<u64>) -> (Vec<u64>, Option<u64>) {
        (items.to_vec(), next_before)
    }

    #[test]
    fn a_page_is_taken_where_the_last_one_ended_and_only_there() {
        let mut list = Numbers::default();
        list.take(None, Ok(page(&[50, 40], Some(40))));
        list.take(Some(&40), Ok(page(&[30, 20], Some(20))));
        // The same button pressed twice.
        list.take(Some(&40), Ok(page(&[30, 20], Some(20))));
        assert_eq!((list.next_before, list.rest()), (Some(20), Rest::More));
        list.take(Some(&20), Ok(page(&[10], None)));
        assert_eq!(list.items, [50, 40, 30, 20, 10]);
        assert_eq!(list.rest(), Rest::Nothing);
    }

    #[test]
    fn the_first_page_begins_the_list_anew() {
        let mut list = Numbers::default();
        list.take(None, Ok(page(&[50, 40], Some(40))));
        list.take(Some(&40), Ok(page(&[30], None)));
        list.take(None, Ok(page(&[60, 50], Some(50))));
        assert_eq!((&list.items[..], list.next_before), (&[60, 50][..], Some(50)));
    }

    #[test]
    fn a_failure_is_forgotten_once_a_page_has_come() {
        let mut list = Numbers::default();
        assert!(!list.is_empty(), "nothing is known yet");
        list.take(None, Err(Failure::Network));
        assert_eq!(list.rest(), Rest::Failed(&Failure::Network));
        assert!(!list.is_empty());
        list.take(None, Ok(page(&[], None)));
        assert!(list.rest() == Rest::Nothing && list.is_empty());
    }
}
