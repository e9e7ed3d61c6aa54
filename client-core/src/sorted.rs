//! Sorting and gathering in little code: the library's sort is four kilobytes for each kind of item, in a
//! program that everybody downloads. Ours sorts numbers of places, for all kinds.

use core::cmp::Ordering;

/// Sorts by a key; items with equal keys stay as they are to each other.
pub(crate) fn sort_by_key<T, K: Ord>(list: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let order = order(list.len(), &|one, other| {
        list.get(one).map(&key).cmp(&list.get(other).map(&key))
    });
    let mut items: Vec<Option<T>> = list.drain(..).map(Some).collect();
    let item = |place| items.get_mut(place).and_then(Option::take);
    list.extend(order.into_iter().filter_map(item));
}

fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

/// A map or set of some items. Unlike `collect` it does not sort them first.
pub(crate) fn gather<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut all = C::default();
    all.extend(items);
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_library_does(list: Vec<(u8, u32)>) {
            let (mut ours, mut theirs) = (list.clone(), list);
            sort_by_key(&mut ours, |item| core::cmp::Reverse(item.0 % 8));
            theirs.sort_by_key(|item| core::cmp::Reverse(item.0 % 8));
            prop_assert_eq!(ours, theirs);
        }
    }
}
