//! Which experiments there are: in key order, filtered, page by page.

use crate::act::{Draft, Running, STRONG, apply, head, record, records, state};
use crate::{Opener, answer, samples};
use governance_persistence::{
    Backplane, Expected, ExperimentKey, ExperimentsQuery, Filter, Head, LifecycleState, Page,
};

/// All experiments of the key's tenant.
pub(super) async fn of_tenant_of(backplane: &dyn Backplane, key: &ExperimentKey) -> Vec<Head> {
    list(backplane, ExperimentsQuery::new(tenant_of(key))).await
}

/// Every experiment that was written to is listed with its head, in key order, none before any
/// other environment; those that were only asked for are not.
pub async fn all_experiments_are_listed_in_key_order(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    let mut keys = Vec::new();
    for environment in [Some("b"), None, Some("B"), Some("ä"), Some("a b"), Some("😀"), Some("\u{fb33}")] {
        for name in ["b", "B", "a", "Z", "ä", "a\u{308}", "10", "9", "😀", "\u{fb33}", "a/b", "a-b", "aa"] {
            let key = ExperimentKey::from_parts(Some(&tenant), environment, name).expect("the key is valid");
            apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
            keys.push(key);
        }
    }
    let asked = ExperimentKey::new("never written").and_then(|key| key.in_tenant(&tenant)).expect("it is valid");
    assert!(!head(&backplane, &asked).await.exists());
    keys.sort();

    let listed = of_tenant_of(&backplane, &keys[0]).await;

    assert_eq!(listed.iter().map(|head| head.key.clone()).collect::<Vec<_>>(), keys);
    for listed in listed {
        assert_eq!(listed, head(&backplane, &listed.key).await, "what is listed is the head");
    }
}

/// Filters by tenant and by environment: any, none, and just this one; nothing else slips in.
pub async fn filters_let_through_what_they_say(opener: &dyn Opener) {
    let backplane = opener.open().await;
    let (a, b, name) = (samples::unique("a"), samples::unique("b"), samples::unique("experiment"));
    let tenants = [None, Some(a.as_str()), Some(b.as_str())];
    let environments = [None, Some("staging"), Some("production")];
    let mut all = Vec::new();
    for tenant in tenants {
        for environment in environments {
            let key = ExperimentKey::from_parts(tenant, environment, &name).expect("the key is valid");
            apply(&backplane, &state(&key, Expected::Any, Draft)).await;
            all.push(key);
        }
    }
    all.sort();

    for tenant in filters(&tenants) {
        for environment in filters(&environments) {
            let query = ExperimentsQuery::new(tenant.clone()).in_environment(environment.clone());
            let listed = list(&backplane, query).await.into_iter().map(|head| head.key);
            let ours: Vec<_> = listed.filter(|key| key.name() == name).collect();
            let admitted = |key: &&ExperimentKey| tenant.admits(key.tenant()) && environment.admits(key.environment());
            let wanted: Vec<_> = all.iter().filter(admitted).cloned().collect();
            assert_eq!(ours, wanted, "tenant {tenant:?}, environment {environment:?}");
        }
    }
}

/// Filters take a name as it is: no pattern, no other case, no other normalisation.
pub async fn filters_are_exact(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    let environments = ["a", "A", "ä", "a\u{308}", "a%", "a_", "%", "_", "*", "a*", "?", "'", "a'--", "{a}", "\\"];
    for environment in environments {
        let key = ExperimentKey::from_parts(Some(&tenant), Some(environment), "x").expect("the key is valid");
        apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
    }
    let exactly = |name: &str| Filter::exactly(Some(name)).expect("the name is valid");
    for environment in environments {
        let query = ExperimentsQuery::new(exactly(&tenant)).in_environment(exactly(environment));
        let listed: Vec<_> = list(&backplane, query).await.into_iter().map(|head| head.key).collect();
        assert_eq!(listed.iter().map(ExperimentKey::environment).collect::<Vec<_>>(), [Some(environment)]);
    }
    for near in [tenant.to_uppercase(), format!("{}%", &tenant[..20]), format!("{tenant}x")] {
        assert_eq!(list(&backplane, ExperimentsQuery::new(exactly(&near))).await, []);
    }
}

/// Filtered by lifecycle state, an experiment is listed by the state it is in now; one that has
/// only records is listed when no state is asked for.
pub async fn the_lifecycle_state_filters_by_what_is_now(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    let key = |name| ExperimentKey::from_parts(Some(&tenant), None, name).expect("the key is valid");
    let (moved, resting, recorded) = (key("moved"), key("resting"), key("recorded"));
    apply(&backplane, &state(&moved, Expected::Any, Draft)).await;
    apply(&backplane, &state(&resting, Expected::Any, Draft)).await;
    apply(&backplane, &records(&recorded, Expected::Any, samples::one_of_each(1))).await;
    apply(&backplane, &state(&moved, Expected::Any, Running)).await;
    apply(&backplane, &record(&moved, Expected::Any, samples::transition())).await;

    for lifecycle in LifecycleState::ALL {
        let listed = list(&backplane, ExperimentsQuery::new(tenant_of(&moved)).in_state(lifecycle)).await;
        let names: Vec<_> = listed.iter().map(|head| head.key.name()).collect();
        match lifecycle {
            LifecycleState::Draft => assert_eq!(names, ["resting"]),
            LifecycleState::Running => assert_eq!(names, ["moved"]),
            _ => assert_eq!(names, [""; 0]),
        }
    }
    let all = of_tenant_of(&backplane, &moved).await;
    assert_eq!(all.iter().map(|head| head.key.name()).collect::<Vec<_>>(), ["moved", "recorded", "resting"]);
}

/// Pages of every size hold every experiment once, in order; only the last page has no next.
pub async fn pages_are_complete_and_disjoint(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    for (environment, name) in (0..7).flat_map(|n| [(None, n), (Some("e"), n)]) {
        let key = ExperimentKey::from_parts(Some(&tenant), environment, &format!("x{name}")).expect("it is valid");
        let lifecycle = if name % 2 == 0 { Draft } else { Running };
        apply(&backplane, &state(&key, Expected::Any, lifecycle)).await;
    }
    let tenant = Filter::exactly(Some(&tenant)).expect("the tenant is valid");
    for query in [
        ExperimentsQuery::new(tenant.clone()),
        ExperimentsQuery::new(tenant.clone()).in_state(Draft),
        ExperimentsQuery::new(tenant).in_environment(Filter::None),
    ] {
        let all = list(&backplane, query.clone()).await;
        for size in [1, 2, 3, all.len() - 1, all.len(), all.len() + 1, 1_000] {
            let sized = query.clone().page_size(size).expect("the size is allowed");
            assert_eq!(paged(&backplane, sized).await, all, "by pages of {size}");
        }
    }
}

/// A page that goes on after another experiment was added shows what lies behind its cursor.
pub async fn a_cursor_survives_new_experiments(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    let create = async |name: &str| {
        let key = ExperimentKey::from_parts(Some(&tenant), None, name).expect("the key is valid");
        apply(&backplane, &record(&key, Expected::Any, samples::transition())).await;
    };
    for name in ["b", "d", "f"] {
        create(name).await;
    }
    let query = ExperimentsQuery::new(Filter::exactly(Some(&tenant)).expect("it is valid"));
    let query = query.page_size(2).expect("the size is allowed");
    let first = page(&backplane, &query).await;
    for name in ["a", "c", "e", "g"] {
        create(name).await;
    }

    let rest = paged(&backplane, query.starting_at(first.next.expect("there is more"))).await;

    assert_eq!(rest.iter().map(|head| head.key.name()).collect::<Vec<_>>(), ["e", "f", "g"]);
}

/// The cursor of one query is refused by every other.
pub async fn a_cursor_belongs_to_its_query(opener: &dyn Opener) {
    let (backplane, tenant) = (opener.open().await, samples::unique("tenant"));
    for name in ["a", "b"] {
        let key = ExperimentKey::from_parts(Some(&tenant), None, name).expect("the key is valid");
        apply(&backplane, &state(&key, Expected::Any, Draft)).await;
    }
    let tenant = Filter::exactly(Some(&tenant)).expect("it is valid");
    let query = ExperimentsQuery::new(tenant.clone());
    let cursor = page(&backplane, &query.clone().page_size(1).expect("it is allowed")).await.next;
    let cursor = cursor.expect("there is more");

    for other in [
        ExperimentsQuery::new(Filter::Any),
        ExperimentsQuery::new(Filter::None),
        query.clone().in_environment(Filter::None),
        query.clone().in_state(Draft),
    ] {
        answer::invalid(backplane.experiments(&other.starting_at(cursor.clone()), STRONG).await);
    }
    let again: governance_persistence::Cursor = cursor.to_string().parse().expect("a cursor reads back");
    assert_eq!(page(&backplane, &query.starting_at(again)).await.items.len(), 1);
}

fn tenant_of(key: &ExperimentKey) -> Filter {
    Filter::exactly(key.tenant()).expect("a tenant of a key is valid")
}

fn filters(names: &[Option<&str>]) -> Vec<Filter> {
    let exact = names.iter().map(|name| Filter::exactly(*name).expect("the name is valid"));
    std::iter::once(Filter::Any).chain(exact).collect()
}

async fn list(backplane: &dyn Backplane, query: ExperimentsQuery) -> Vec<Head> {
    paged(backplane, query.page_size(1_000).expect("the size is allowed")).await
}

async fn page(backplane: &dyn Backplane, query: &ExperimentsQuery) -> Page<Head> {
    let page = backplane.experiments(query, STRONG).await.unwrap_or_else(|error| panic!("{query:?}: {error}"));
    assert!(page.items.len() <= query.size().get(), "a page is not larger than asked for");
    assert!(page.next.is_none() || page.items.len() == query.size().get(), "only the last page may be smaller");
    page
}

async fn paged(backplane: &dyn Backplane, mut query: ExperimentsQuery) -> Vec<Head> {
    let mut all: Vec<Head> = Vec::new();
    loop {
        let page = page(backplane, &query).await;
        all.extend(page.items);
        assert!(all.is_sorted_by(|a, b| a.key < b.key), "experiments come once each, in key order");
        match page.next {
            Some(next) => query = query.starting_at(next),
            None => return all,
        }
    }
}
