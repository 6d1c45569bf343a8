//! How many of a chain's endpoints have to say the same before it is believed. Pure.

/// How many of so many endpoints have to agree: two, or the only one.
pub(super) fn witnesses(endpoints: usize) -> usize {
    endpoints.clamp(1, 2)
}

/// What enough endpoints have answered alike. Otherwise: why there is no such thing.
pub(super) fn agreed<T: PartialEq + Copy>(answers: &[Result<T, String>]) -> Result<T, String> {
    let given = || answers.iter().flatten();
    let is_enough = |answer: &&T| given().filter(|other| other == answer).count() >= witnesses(answers.len());
    given().find(is_enough).copied().ok_or_else(|| {
        let why = answers.iter().find_map(|answer| answer.as_ref().err());
        why.map_or_else(|| "the endpoints do not agree".to_owned(), Clone::clone)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silent() -> Result<u8, String> {
        Err("it is silent".to_owned())
    }

    #[test]
    fn two_that_say_the_same_are_believed_and_the_only_one_is() {
        assert_eq!(agreed(&[Ok(1)]), Ok(1));
        for answers in [[Ok(2), Ok(1), Ok(1)], [silent(), Ok(1), Ok(1)], [Ok(1), silent(), Ok(1)]] {
            assert_eq!(agreed(&answers), Ok(1));
        }
    }

    #[test]
    fn one_of_several_is_not_believed() {
        assert_eq!(agreed(&[Ok(1), silent()]), Err("it is silent".to_owned()));
        assert_eq!(agreed(&[Ok(1), Ok(2)]), Err("the endpoints do not agree".to_owned()));
        assert!(agreed(&[Ok(1), Ok(2), silent()]).is_err() && agreed(&[silent()]).is_err());
        assert!(agreed::<u8>(&[]).is_err());
    }
}
