use proptest::prelude::*;

use super::*;
use crate::json::{Array, Object, Value};

fn filter(text: &str) -> Filter {
    Filter::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"))
}

/// The filter with every group written out, to see how it binds.
fn show(expr: &Expr) -> String {
    let list = |terms: &[Expr], joint| terms.iter().map(show).collect::<Vec<_>>().join(joint);
    match &expr.kind {
        ExprKind::And(terms) => format!("({})", list(terms, " and ")),
        ExprKind::Or(terms) => format!("({})", list(terms, " or ")),
        ExprKind::Not(inner) => format!("not ({})", show(inner)),
        ExprKind::Present(path) => format!("{} pr", path.path),
        ExprKind::Compare { path, op, literal } => format!("{} {op} {}", path.path, show_literal(&literal.literal)),
        ExprKind::Element { path, inner, sub, test } => {
            let sub = sub.as_ref().map_or_else(String::new, |(name, _)| format!(".{name}"));
            let test = match test {
                Some((op, literal)) => format!(" {op} {}", show_literal(&literal.literal)),
                None if sub.is_empty() => String::new(),
                None => " pr".to_owned(),
            };
            format!("{}[{}]{sub}{test}", path.path, show(inner))
        }
    }
}

fn show_literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(truth) => truth.to_string(),
        Literal::Number(text) => text.clone(),
        Literal::String(text) => Value::string(text).to_string(),
    }
}

/// The examples of RFC 7644 section 3.4.2.2.
const RFC: &[&str] = &[
    r#"userName eq "bjensen""#,
    r#"name.familyName co "O'Malley""#,
    r#"userName sw "J""#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    "title pr",
    r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified ge "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified lt "2011-05-13T04:42:34Z""#,
    r#"meta.lastModified le "2011-05-13T04:42:34Z""#,
    r#"title pr and userType eq "Employee""#,
    r#"title pr or userType eq "Intern""#,
    r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
    r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"userType eq "Employee" and (emails.type eq "work")"#,
    r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
];

#[test]
fn every_example_of_the_rfc_is_read_and_keeps_its_text() {
    for text in RFC {
        assert_eq!(filter(text).text(), *text);
        text.parse::<scim_v2::filter::Filter>().unwrap();
    }
}

#[test]
fn not_binds_before_and_before_or() {
    let rows = [
        ("a pr or b pr and c pr", "(a pr or (b pr and c pr))"),
        ("(a pr or b pr) and c pr", "((a pr or b pr) and c pr)"),
        ("not (a pr) and b pr or c pr", "((not (a pr) and b pr) or c pr)"),
        ("a pr and b pr and c pr", "(a pr and b pr and c pr)"),
        ("((a pr))", "a pr"),
        (r#"a[b eq 1 or not (c pr)]"#, "a[(b eq 1 or not (c pr))]"),
    ];
    for (text, shown) in rows {
        assert_eq!(show(filter(text).root()), shown, "{text}");
    }
}

#[test]
fn what_is_plainly_meant_is_read() {
    let rows = [
        (r#"userName EQ "a" AND NOT(title PR)"#, r#"(userName eq "a" and not (title pr))"#),
        ("  a   pr\tor  b Pr  ", "(a pr or b pr)"),
        (r#"emails[type eq "work"].value eq "a""#, r#"emails[type eq "work"].value eq "a""#),
        (r#"emails[ type eq "work" ].value pr"#, r#"emails[type eq "work"].value pr"#),
        (r#"emails [type eq "work"]"#, r#"emails[type eq "work"]"#),
        ("a eq TRUE or a eq Null or a eq false", "(a eq true or a eq null or a eq false)"),
        ("a eq -1.50e+3", "a eq -1.50e+3"),
        (r#"a eq "\ud83d\ude00""#, r#"a eq "😀""#),
        (r#"a eq "q\" b\\ s\/ n\n é😀""#, "a eq \"q\\\" b\\\\ s/ n\\n é😀\""),
        ("urn:okta:custom:group:1.0:description pr", "urn:okta:custom:group:1.0:description pr"),
        ("not pr and or eq 1", "(not pr and or eq 1)"),
        (r#"members[$ref eq "x"]"#, r#"members[$ref eq "x"]"#),
    ];
    for (text, shown) in rows {
        assert_eq!(show(filter(text).root()), shown, "{text}");
    }
}

#[test]
fn a_fault_says_where_and_what_was_expected() {
    let rows = [
        ("", "an attribute is expected at byte 0"),
        ("userName", "an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) is expected at byte 8"),
        ("userName is 1", "an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) is expected at byte 9"),
        ("a eq jyoung", "a string in double quotes, a number, true, false or null is expected at byte 5"),
        ("a eq 'x'", "a string in double quotes, a number, true, false or null is expected at byte 5"),
        ("a eq 1.", "a string in double quotes, a number, true, false or null is expected at byte 5"),
        ("a eq 1e", "a string in double quotes, a number, true, false or null is expected at byte 5"),
        ("a eq 01", "a string in double quotes, a number, true, false or null is expected at byte 5"),
        ("a eq \"x", "a JSON string with its closing quote is expected at byte 5"),
        (r#"a eq "\x""#, "a JSON string with its closing quote is expected at byte 5"),
        (r#"a eq "\ud83d""#, "a JSON string with its closing quote is expected at byte 5"),
        (r#"a eq "\ude00""#, "a JSON string with its closing quote is expected at byte 5"),
        (r#"a eq "\ud83d\u0041""#, "a JSON string with its closing quote is expected at byte 5"),
        ("a eq \"x\ty\"", "a JSON string with its closing quote is expected at byte 5"),
        ("a pr b pr", "`and`, `or` or the end is expected at byte 5"),
        ("a pr and", "an attribute is expected at byte 8"),
        ("(a pr", "`and`, `or` or `)` is expected at byte 5"),
        ("a pr)", "`and`, `or` or the end is expected at byte 4"),
        ("a[b pr", "`and`, `or` or `]` is expected at byte 6"),
        ("a[b[c pr]]", "an operator is expected, since brackets don't nest, at byte 3"),
        ("a[b.c pr]", "in brackets, the plain name of a sub-attribute is expected at byte 2"),
        ("a.b[c pr]", "brackets follow a multi-valued attribute, not this at byte 0"),
        ("a.b.c pr", "a sub-attribute has no sub-attributes of its own at byte 0"),
        (
            r#"emails[type eq "work"].value"#,
            "an operator (eq, ne, co, sw, ew, gt, ge, lt, le, pr) is expected at byte 28",
        ),
        ("é pr", "a name begins with a letter, not with `é` at byte 0"),
    ];
    for (text, fault) in rows {
        assert_eq!(
            Filter::parse(text).map(|filter| filter.text).map_err(|fault| fault.to_string()),
            Err(fault.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn depth_and_length_have_an_end() {
    assert!(Filter::parse(&"(".repeat(100_000)).is_err());
    assert!(Filter::parse(&"not(".repeat(100_000)).is_err());
    assert!(Filter::parse(&"a[".repeat(100_000)).is_err());
    let nested = |levels| format!("{}a pr{}", "(".repeat(levels), ")".repeat(levels));
    assert!(Filter::parse(&nested(32)).is_ok());
    assert!(Filter::parse(&nested(33)).is_err());
    for beside in ["(a pr)", "a[b pr]"] {
        assert!(Filter::parse(&vec![beside; 40].join(" or ")).is_ok(), "{beside} is never deep");
    }
    let long = |terms: usize| vec!["a pr"; terms].join(" or ");
    assert!(Filter::parse(&long(1000)).is_ok());
    assert!(Filter::parse(&long(1001)).is_err());
}

#[test]
fn every_span_names_its_text() {
    let text = r#"( A.b  EQ "x" ) and emails[type eq "w"].value ne 2"#;
    let filter = filter(text);
    let slice = |span: &Range<usize>| &text[span.clone()];
    let ExprKind::And(terms) = &filter.root().kind else { panic!("no and") };
    assert_eq!(slice(&filter.root().span), text);
    assert_eq!(slice(&terms[0].span), r#"A.b  EQ "x""#);
    assert_eq!(slice(&terms[1].span), r#"emails[type eq "w"].value ne 2"#);
    let ExprKind::Element { path, inner, sub, .. } = &terms[1].kind else { panic!("no element") };
    assert_eq!(slice(&path.span), "emails");
    assert_eq!(slice(&inner.span), r#"type eq "w""#);
    assert_eq!(slice(&sub.as_ref().unwrap().1), "value");
    let literals: Vec<_> = filter.literals().into_iter().map(|literal| slice(&literal.span)).collect();
    assert_eq!(literals, [r#""x""#, r#""w""#, "2"]);
}

#[test]
fn filters_of_another_text_are_others() {
    assert_eq!(filter("a pr"), filter("a pr"));
    assert_ne!(filter("a pr"), filter("b pr"));
}

#[test]
fn an_edit_changes_only_what_it_names() {
    let filter = filter(r#"(userName  EQ "a")  or emails[type eq "w"]"#);
    let edit = |span: Range<usize>, text: &str| Edit { span, text: text.to_owned() };
    let edited = filter.splice(vec![edit(23..29, "mails"), edit(1..9, "login")]).unwrap();
    assert_eq!(edited.text(), r#"(login  EQ "a")  or mails[type eq "w"]"#);
    assert!(filter.splice(vec![edit(1..17, "x pr"), edit(1..9, "login")]).is_err(), "one within the other");
    assert!(filter.splice(vec![edit(1..9, "login"), edit(5..9, "x")]).is_err(), "one over the other");
    assert!(filter.splice(vec![edit(1..999, "x")]).is_err(), "outside");
    assert!(filter.splice(vec![edit(1..9, "user name")]).is_err(), "no filter any more");
}

fn object(members: &[(&str, Value<'static>)]) -> Object<'static> {
    let mut object = Object::new();
    members.iter().for_each(|(name, value)| object.set(name, value.clone()));
    object
}

fn list(items: Vec<Value<'static>>) -> Value<'static> {
    Value::Array(Array::from(items))
}

fn number(text: &'static str) -> Value<'static> {
    Value::Number(text.into())
}

fn ada() -> Object<'static> {
    let string = Value::string;
    let email = |value, kind| Value::Object(object(&[("value", string(value)), ("type", string(kind))]));
    let primary = object(&[("value", string("c@z.org")), ("primary", Value::Bool(true))]);
    let manager = object(&[("value", string("26")), ("displayName", string(""))]);
    let link = object(&[("$ref", string("https://x/A")), ("rel", string("Self"))]);
    object(&[
        ("id", string("Ab1")),
        ("userName", string("Ada")),
        ("active", Value::Bool(true)),
        ("title", string("")),
        ("nickName", Value::Null),
        ("roles", list(Vec::new())),
        ("name", Value::Object(object(&[("givenName", string("Ada")), ("middleName", Value::Null)]))),
        ("emails", list(vec![email("a@x.org", "work"), email("b@y.org", "home"), Value::Object(primary)])),
        ("schemas", list(vec![string("urn:x:a"), string("urn:x:b")])),
        ("level", number("10")),
        ("photos", list(vec![email("https://x/A", "photo")])),
        ("links", list(vec![Value::Object(link)])),
        ("meta", Value::Object(object(&[("lastModified", string("2011-05-13T06:42:34.00+02:00"))]))),
        (
            "urn:acme:hr:2.0:User",
            Value::Object(object(&[("badge", number("1.0")), ("manager", Value::Object(manager))])),
        ),
    ])
}

#[test]
fn a_filter_is_asked_of_a_resource() {
    let rows = [
        (r#"username eq "ADA""#, true),
        (r#"userName eq "Ada L""#, false),
        (r#"id eq "ab1""#, false),
        (r#"ID eq "Ab1""#, true),
        (r#"userName sw "a" and userName ew "A" and userName co "D""#, true),
        (r#"userName gt "ab" and userName lt "ae" and userName ge "ada" and userName le "ada""#, true),
        ("active eq true", true),
        (r#"active eq "True""#, true),
        ("active gt false", false),
        ("title pr", false),
        (r#"title eq """#, true),
        ("nickName pr", false),
        ("nickName eq null", true),
        ("nickName ne null", false),
        ("userName ne null", true),
        (r#"nickName ne "x""#, true),
        (r#"nothing ne "x""#, true),
        (r#"nothing eq "x""#, false),
        (r#"not (nothing eq "x")"#, true),
        ("roles pr", false),
        ("name pr", true),
        ("name.givenName pr and not (name.middleName pr)", true),
        (r#"emails eq "b@y.org""#, true),
        (r#"emails co "q""#, false),
        (r#"emails.type eq "home""#, true),
        (r#"emails.type ne "home""#, true),
        (r#"emails[type eq "work"]"#, true),
        (r#"emails[type eq "work" and value ew "y.org"]"#, false),
        (r#"emails[type eq "work"].value eq "a@x.org""#, true),
        (r#"emails[type eq "work"].value eq "b@y.org""#, false),
        (r#"emails[type eq "work"].value pr"#, true),
        (r#"emails[type eq "other"].value pr"#, false),
        (r#"emails[type eq "other"].value ne "x""#, true),
        ("emails[not (type pr) and primary eq true]", true),
        (r#"schemas eq "URN:X:B""#, true),
        (r#"schemas[value eq "urn:x:a"]"#, true),
        ("level eq 1e1", true),
        ("level gt 9.99", true),
        (r#"level eq "10""#, false),
        (r#"level ne "10""#, true),
        ("level co 1", false),
        (r#"meta.lastModified eq "2011-05-13T04:42:34Z""#, true),
        (r#"meta.lastModified lt "2011-05-13T05:00:00Z""#, true),
        (r#"meta.lastModified sw "2011-05""#, true),
        ("urn:acme:hr:2.0:User pr", true),
        ("urn:acme:hr:2.0:User:badge eq 1", true),
        (r#"urn:acme:hr:2.0:User:manager eq "26""#, true),
        (r#"urn:acme:hr:2.0:User:manager.value eq "26""#, true),
        ("urn:acme:hr:2.0:User:manager.displayName pr", false),
        ("urn:acme:hr:2.0:User:nothing pr", false),
        ("badge pr", false),
        (r#"photos eq "https://x/A""#, true),
        (r#"photos eq "https://x/a""#, false),
        (r#"photos[value sw "HTTPS"]"#, false),
        (r#"photos[type eq "PHOTO"].value eq "https://x/A""#, true),
        (r#"photos[value pr].type eq "PHOTO""#, true),
        (r#"links.$ref eq "https://x/A""#, true),
        (r#"links.$ref eq "https://x/a""#, false),
        (r#"links.rel eq "SELF""#, true),
    ];
    let ada = ada();
    for (text, answer) in rows {
        assert_eq!(matches(filter(text).root(), &ada), answer, "{text}");
    }
}

/// Filters as RFC 7644's grammar makes them.
fn written() -> impl Strategy<Value = String> {
    let name = "[a-z][a-zA-Z0-9_-]{0,5}".prop_filter("no word of the grammar", |name| {
        !["and", "or", "not", "pr"].contains(&name.as_str()) && CompareOp::ALL.iter().all(|op| op.as_str() != name)
    });
    let path = prop_oneof![
        name.clone(),
        (name.clone(), name.clone()).prop_map(|(name, sub)| format!("{name}.{sub}")),
        name.clone().prop_map(|name| format!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:{name}")),
    ];
    let literal = prop_oneof![
        Just("true".to_owned()),
        Just("null".to_owned()),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?",
        ".{0,6}".prop_map(|text| Value::string(&text).to_string()),
    ];
    let op = proptest::sample::select(CompareOp::ALL.to_vec());
    let test = move |path: BoxedStrategy<String>| {
        let compare = (path.clone(), op.clone(), literal.clone())
            .prop_map(|(path, op, literal)| format!("{path} {op} {literal}"));
        prop_oneof![path.prop_map(|path| format!("{path} pr")), compare]
    };
    let inner = joined(test(name.clone().boxed()).boxed());
    let element = (name, inner).prop_map(|(name, inner)| format!("{name}[{inner}]"));
    joined(prop_oneof![test(path.boxed()), element].boxed())
}

fn joined(term: BoxedStrategy<String>) -> BoxedStrategy<String> {
    term.prop_recursive(3, 12, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(one, other)| format!("{one} and {other}")),
            pair.prop_map(|(one, other)| format!("{one} or {other}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn every_filter_of_the_grammar_is_read_as_another_reader_does(text in written()) {
        prop_assert!(Filter::parse(&text).is_ok(), "{}: {:?}", text, Filter::parse(&text));
        prop_assert!(text.parse::<scim_v2::filter::Filter>().is_ok(), "{}", text);
    }

    #[test]
    fn no_edit_is_no_change_and_a_filter_written_out_means_the_same(text in written()) {
        let filter = Filter::parse(&text).unwrap();
        let unchanged = filter.splice(Vec::new()).unwrap();
        prop_assert_eq!(unchanged.text(), &text);
        let shown = show(filter.root());
        prop_assert_eq!(show(Filter::parse(&shown).unwrap().root()), shown);
    }

    #[test]
    fn every_literal_can_be_written_anew(text in written()) {
        let filter = Filter::parse(&text).unwrap();
        let edit = |literal: &&LiteralSpan| Edit { span: literal.span.clone(), text: show_literal(&literal.literal) };
        let edited = filter.splice(filter.literals().iter().map(edit).collect()).unwrap();
        prop_assert_eq!(show(edited.root()), show(filter.root()));
    }

    #[test]
    fn no_text_makes_the_reader_panic(
        text in written(), at in any::<prop::sample::Index>(), piece in "[\\[\\]()\". a-z\\\\é0-9]{0,4}", cut in 0_usize..4,
    ) {
        let at = text.char_indices().map(|(at, _)| at).nth(at.index(text.chars().count())).unwrap();
        let rest = text[at..].chars().skip(cut).collect::<String>();
        if let Ok(filter) = Filter::parse(&format!("{}{piece}{rest}", &text[..at])) {
            let _ = matches(filter.root(), &ada());
        }
    }

    #[test]
    fn not_turns_every_answer(text in written()) {
        let negated = Filter::parse(&format!("not ({text})"));
        if let (Ok(filter), Ok(negated)) = (Filter::parse(&text), negated) {
            prop_assert_ne!(matches(filter.root(), &ada()), matches(negated.root(), &ada()));
        }
    }
}
