use super::*;
use crate::json::{Array, Object};

/// Our tree of a document; the texts here are ours, so another reader does.
pub(super) fn tree(document: &serde_json::Value) -> Value<'static> {
    match document {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => Value::Number(number.to_string().into()),
        serde_json::Value::String(text) => Value::string(text),
        serde_json::Value::Array(items) => Value::Array(Array::from(items.iter().map(tree).collect::<Vec<_>>())),
        serde_json::Value::Object(members) => {
            let mut object = Object::new();
            members.iter().for_each(|(name, value)| object.set(name, tree(value)));
            Value::Object(object)
        }
    }
}

fn ada() -> Value<'static> {
    tree(&serde_json::json!({
        "userName": "ada@example.com",
        "userType": "Admin",
        "active": true,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [
            {"value": "ada@example.com", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home"},
            {"value": "lovelace@example.org", "type": ""}
        ],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Engines", "costCenter": 12}
    }))
}

fn holds(condition: &str) -> bool {
    Condition::parse(condition).unwrap_or_else(|fault| panic!("{condition}: {fault}")).holds(&ada()).unwrap()
}

fn refused(condition: &str) -> SelectFault {
    Condition::parse(condition).expect_err(condition)
}

fn shown(query: &str) -> Vec<String> {
    let ada = ada();
    let places = Query::parse(query).unwrap_or_else(|fault| panic!("{query}: {fault}")).select(&ada).unwrap();
    places.iter().map(|place| pointer(&ada, place)).collect()
}

/// A place as a JSON Pointer (RFC 6901), without its escapes.
pub(super) fn pointer(document: &Value<'_>, place: &[Step]) -> String {
    let mut node = document;
    let mut pointer = String::new();
    for step in place {
        let (word, child) = match (node, step) {
            (Value::Object(object), Step::Member(index)) => {
                let member = object.iter().nth(*index).unwrap();
                (member.key.decoded().into_owned(), &member.value)
            }
            (Value::Array(array), Step::Item(index)) => (index.to_string(), array.get(*index).unwrap()),
            _ => panic!("{step:?} in a {}", node.kind()),
        };
        pointer = format!("{pointer}/{word}");
        node = child;
    }
    pointer
}

#[test]
fn a_condition_asks_the_resource() {
    for condition in [
        "@.userType == 'Admin'",
        "@.usertype == 'Admin'",
        "@['USERNAME'] == 'ada@example.com'",
        "@.emails[?@.type == 'work']",
        "match(@.userName, '.*@example[.]com')",
        "search(@.userName, 'ada')",
        "count(@.emails[*]) > 1",
        "length(@.emails) == 3",
        "length(@.name.givenName) == 3",
        "value(@.emails[?@.primary == true].type) == 'work'",
        "!@.nickName",
        "!(@.active == false)",
        "@.active == true && (@.userType == 'Guest' || @.name.givenName == 'Ada')",
        "@['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].costCenter == 12.0",
        "@.nickName == @.title",
        "@.emails[-1].type == ''",
        "@.userType > 'Adlib' && @.userType <= 'Admin'",
        " @.active ",
    ] {
        assert!(holds(condition), "{condition}");
    }
}

#[test]
fn values_of_different_kinds_never_compare() {
    for condition in
        ["@.active == 'true'", "@.emails == 3", "@.userName < 5", "@.userName == @.nickName", "@.active < true"]
    {
        assert!(!holds(condition), "{condition}");
    }
    assert!(holds("@.active <= true"));
    assert!(holds("@.userName != 5"));
}

#[test]
fn a_pattern_finds_texts_only() {
    assert!(!holds("match(@.active, '.*')"));
    assert!(!holds("match(@.nickName, '.*')"));
    assert!(!holds("match(@.userName, 'ada')"));
}

#[test]
fn a_condition_with_a_dollar_is_explained() {
    for condition in ["$.userType == 'Admin'", " $[?@.userType]", "$"] {
        assert_eq!(refused(condition), SelectFault::RootCondition, "{condition}");
    }
    for condition in [
        "@.userType == $.title",
        "!$.title",
        "@.emails[?@.type == $.userType]",
        "length($.title) > 1",
        "count($..*) > 1",
    ] {
        assert_eq!(refused(condition), SelectFault::AbsoluteInFilter, "{condition}");
    }
}

#[test]
fn a_condition_cannot_leave_what_it_is_put_into() {
    for condition in ["@.a][?@.b", "@.a, ?@.b", "@.a].b[?@.c", "@.a][0", "@.a, 'b'"] {
        assert_eq!(refused(condition), SelectFault::NotOne, "{condition}");
    }
    for condition in ["@.a] , ..", "@.a]", "", "@.a ] [", "'a", "@.a == ']"] {
        assert!(matches!(refused(condition), SelectFault::Syntax(_)), "{condition}");
    }
}

#[test]
fn a_quadratic_query_is_refused() {
    let query = |text| Query::parse(text).unwrap_err();
    assert_eq!(query("$.Resources[?count($..*)>1]"), SelectFault::AbsoluteInFilter);
    assert_eq!(query("$..[?count(@..*)>1]"), SelectFault::DescendantInFilter);
    assert_eq!(query("$..[?@..value]"), SelectFault::DescendantInFilter);
    assert_eq!(query("$..[?@.a[?@..b]]"), SelectFault::DescendantInFilter);
}

#[test]
fn a_pattern_must_be_written_in_the_rule() {
    assert_eq!(refused("match(@.userName, @.pattern)"), SelectFault::PatternNotLiteral("match"));
    assert_eq!(refused("search(@.userName, 1)"), SelectFault::PatternNotLiteral("search"));
    assert!(matches!(refused("match(@.userName, '(')"), SelectFault::Pattern(_)));
    assert_eq!(refused(r"search(@.userName, '((\\w{100}){100}){100}')"), SelectFault::PatternTooBig);
}

#[test]
fn what_has_no_type_is_refused() {
    for (condition, fault) in [
        ("length(@.emails[*]) > 1", SelectFault::ValueExpected("length")),
        ("length(@.emails[0, 1]) > 1", SelectFault::ValueExpected("length")),
        ("length(@.a == 1) > 1", SelectFault::ValueExpected("length")),
        ("match(@.emails[*].value, 'a')", SelectFault::ValueExpected("match")),
        ("length(match(@.a, 'a')) > 1", SelectFault::NotAValue("match")),
        ("count(1) > 1", SelectFault::QueryExpected("count")),
        ("count(length(@.a)) > 1", SelectFault::QueryExpected("count")),
        ("value('a') == 'a'", SelectFault::QueryExpected("value")),
        ("length(@.a)", SelectFault::NotATruth("length")),
        ("!count(@.a)", SelectFault::NotATruth("count")),
        ("@.b && value(@.a)", SelectFault::NotATruth("value")),
        ("in(@.a, @.b)", SelectFault::UnknownFunction("in".to_owned())),
        ("nin(@.a, @.b)", SelectFault::UnknownFunction("nin".to_owned())),
        ("none_of(@.a, @.b)", SelectFault::UnknownFunction("none_of".to_owned())),
        ("any_of(@.a, @.b)", SelectFault::UnknownFunction("any_of".to_owned())),
        ("subset_of(@.a, @.b)", SelectFault::UnknownFunction("subset_of".to_owned())),
    ] {
        let found = refused(condition);
        let is_unread = matches!(found, SelectFault::Syntax(_) | SelectFault::Unreadable(_));
        assert!(found == fault || is_unread, "{condition}: {found:?}");
    }
    for condition in
        ["match(@.a, 'a') == true", "@.emails[*] == 1", "1 == @.emails[*].type", "in(@.a, @.b) == 1", "'a'", "1"]
    {
        refused(condition);
    }
}

#[test]
fn a_fault_names_the_column_of_the_condition() {
    assert_eq!(refused("@.userType = 'Admin'"), SelectFault::Syntax(12));
    assert_eq!(
        refused("@.userType = 'Admin'").to_string(),
        "RFC 9535 has no such expression: it can't be read from column 12 on"
    );
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| format!("{}@.a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Condition::parse(&nested(64)).is_ok());
    assert_eq!(refused(&nested(65)), SelectFault::TooDeep);
    assert_eq!(refused(&"(".repeat(100_000)), SelectFault::TooLong);
    assert_eq!(refused(&"(".repeat(4_000)), SelectFault::TooDeep);
    assert_eq!(Query::parse(&format!("${}", "[?@".repeat(1_000))).unwrap_err(), SelectFault::TooDeep);
    assert_eq!(refused(&"length(".repeat(30)), SelectFault::TooManyCalls);
    assert!(Condition::parse(&format!("@.a == '{}'", "(".repeat(100))).is_ok());
}

#[test]
fn a_query_gives_places_in_document_order_each_once() {
    assert_eq!(shown("$.emails[*].type"), ["/emails/0/type", "/emails/1/type", "/emails/2/type"]);
    assert_eq!(shown("$.emails[2, 0, -1]"), ["/emails/0", "/emails/2"]);
    assert_eq!(shown("$.emails[::-1].TYPE"), ["/emails/0/type", "/emails/1/type", "/emails/2/type"]);
    assert_eq!(shown("$.emails[?@.type == '']"), ["/emails/2"]);
    assert_eq!(shown("$.emails[1:].value"), ["/emails/1/value", "/emails/2/value"]);
    assert_eq!(shown("$..givenName"), ["/name/givenName"]);
    assert_eq!(shown("$['name']['GIVENNAME', 'givenname']"), ["/name/givenName"]);
    assert_eq!(shown("$.name.middleName"), [""; 0]);
    assert_eq!(shown("$..['type']").len(), 3);
    assert_eq!(shown("$.emails[0]['type', 'value', *]").len(), 3);
}

#[test]
fn a_value_stands_before_what_is_in_it() {
    let places = Query::parse("$..*").unwrap().select(&ada()).unwrap();
    assert!(places.is_sorted());
    for (index, place) in places.iter().enumerate() {
        let above = place.split_last().map(|(_, above)| above.to_vec()).filter(|above| !above.is_empty());
        assert!(above.is_none_or(|above| places[..index].contains(&above)));
    }
}

#[test]
fn a_query_cannot_select_the_whole() {
    assert_eq!(Query::parse("$").unwrap_err(), SelectFault::WholeDocument);
    assert_eq!(Query::parse("emails").unwrap_err(), SelectFault::NotAQuery);
    assert_eq!(Query::parse("@.emails").unwrap_err(), SelectFault::NotAQuery);
    assert!(matches!(Query::parse("$.").unwrap_err(), SelectFault::Syntax(_) | SelectFault::Unreadable(_)));
}

#[test]
fn a_name_without_quotes_has_no_spaces() {
    for text in ["$.a b", "$.a\tb", "$. a", "$.. a", "$.a[?@.b c]", "$.a[?@.b c == 1]", "$.a[?@. b == 1]", "$.a 1"] {
        assert!(matches!(Query::parse(text), Err(SelectFault::Syntax(_) | SelectFault::Unreadable(_))), "{text}");
    }
    assert_eq!(refused("@.user Type == 'x'"), SelectFault::Syntax(8));
    assert!(Query::parse("$ .a [ 'b c' ] [?@.d  ==  true && 1 == 1]").is_ok());
}

#[test]
fn an_evaluation_ends_with_its_budget() {
    let wide = serde_json::Value::Array(vec![serde_json::json!({"a": [1, 2, 3]}); 3_000]);
    let deep = (0..60).fold(wide, |inner, _| serde_json::json!({ "a": inner }));
    let document = tree(&deep);
    assert_eq!(Query::parse("$..*..*..*").unwrap().select(&document), Err(BudgetFault));
    assert_eq!(Query::parse("$.a").unwrap().select(&document).map(|places| places.len()), Ok(1));
    let list = tree(&serde_json::json!({"a": vec![1; 20_000], "b": vec![1; 20_000]}));
    assert_eq!(Condition::parse("@.a == @.b").unwrap().holds(&list), Ok(true));
    let terms = ["@.a == @.b"; 60].join(" && ");
    assert_eq!(Condition::parse(&terms).unwrap().holds(&list), Err(BudgetFault));
}

#[test]
fn a_large_group_fits_into_the_budget() {
    let members: Vec<_> = (0..300_000).map(|number| serde_json::json!({"value": number.to_string()})).collect();
    let group = tree(&serde_json::json!({ "members": members }));
    assert_eq!(Query::parse("$.members[?@.value == '7']").unwrap().select(&group).map(|places| places.len()), Ok(1));
    assert_eq!(Condition::parse("count(@.members[*]) > 200000").unwrap().holds(&group), Ok(true));
}

#[test]
fn a_space_behind_a_query_is_refused_also_behind_a_name_that_is_not_ascii() {
    for query in ["$.a ", "$.\u{e9} ", "$.\u{e9}\n"] {
        assert!(matches!(Query::parse(query), Err(SelectFault::Syntax(_))), "{query}");
    }
}
