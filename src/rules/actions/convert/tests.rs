//! Each form by its rows: values there, back and outside, and what is asked in filters.

use super::*;
use crate::rules::filters::Test;
use crate::rules::fold::Stand;
use crate::scim::Filter;
use crate::scim::filter::ExprKind;

fn convert(at: &str, to: Form) -> Convert {
    Convert { at: Place::parse(at).unwrap(), to }
}

fn json(text: &str) -> Value<'static> {
    crate::json::parse(text.as_bytes()).unwrap().into_owned()
}

fn there(form: Form, text: &str) -> Option<String> {
    convert("x", form).there(&json(text)).map(|value| value.to_string())
}

fn back(form: Form, text: &str) -> Option<String> {
    convert("x", form).back(&json(text)).map(|value| value.to_string())
}

fn asked(form: Form, text: &str) -> Option<Rewrite> {
    let filter = Filter::parse(text).unwrap();
    let ExprKind::Compare { path, op, literal } = &filter.root().kind else { panic!("{text}") };
    let asked = Asked {
        path: path.path.clone(),
        name: "x".to_owned(),
        stand: Stand::Resource,
        test: Test::Compare(*op, literal),
    };
    convert("x", form).comparison(&asked, *op, &literal.literal)
}

#[test]
fn booleans_become_numbers() {
    assert_eq!(there(Form::BooleanAsInt, "true").as_deref(), Some("1"));
    for (held, read) in [("1", "true"), ("0", "false"), ("1.0", "true"), ("0e5", "false")] {
        assert_eq!(back(Form::BooleanAsInt, held).as_deref(), Some(read), "{held}");
    }
    for foreign in ["2", "\"1\"", "true", "null"] {
        assert_eq!(back(Form::BooleanAsInt, foreign), None, "{foreign}");
    }
    assert_eq!(asked(Form::BooleanAsInt, "x ne true"), Some(Rewrite::Literal("1".to_owned())));
    assert_eq!(asked(Form::BooleanAsInt, "x gt false"), None);
    assert_eq!(asked(Form::BooleanAsInt, "x eq 1"), None);
}

#[test]
fn where_case_counts_a_boolean_has_one_spelling() {
    let exact = convert("externalId", Form::BooleanAsString);
    assert_eq!(exact.back(&json("\"TRUE\"")), None);
    assert_eq!(exact.back(&json("\"true\"")), Some(Value::Bool(true)));
}

#[test]
fn whole_numbers_become_texts_in_one_spelling() {
    for plain in ["0", "-7", "12345678901234567890"] {
        assert_eq!(there(Form::NumberAsString, plain), Some(format!("\"{plain}\"")));
        assert_eq!(back(Form::NumberAsString, &format!("\"{plain}\"")).as_deref(), Some(plain));
    }
    for other in ["1.0", "1e2", "-0", "1.5", "\"1\"", "true"] {
        assert_eq!(there(Form::NumberAsString, other), None, "{other}");
    }
    for foreign in ["\"01\"", "\"1.0\"", "\"\"", "\"-\"", "\" 1\"", "\"-0\"", "1"] {
        assert_eq!(back(Form::NumberAsString, foreign), None, "{foreign}");
    }
    let literal = |text: &str| Some(Rewrite::Literal(text.to_owned()));
    assert_eq!(asked(Form::NumberAsString, "x eq 10"), literal("\"10\""));
    assert_eq!(asked(Form::NumberAsString, "x eq 10.00"), literal("\"10\""));
    assert_eq!(asked(Form::NumberAsString, "x ne -0"), literal("\"0\""));
    assert_eq!(asked(Form::NumberAsString, "x eq 1.5"), Some(Rewrite::Never));
    assert_eq!(asked(Form::NumberAsString, "x ne 1.5"), Some(Rewrite::Always));
    for refused in ["x gt 2", "x eq 1e2", "x co \"1\"", "x gt 1.5"] {
        assert_eq!(asked(Form::NumberAsString, refused), None, "{refused}");
    }
}

#[test]
fn dates_become_seconds_and_come_back_in_utc() {
    let rows = [
        ("1970-01-01T00:00:00Z", "0"),
        ("1969-12-31T23:59:59Z", "-1"),
        ("2000-02-29T23:59:59Z", "951868799"),
        ("2011-05-13T04:42:34Z", "1305261754"),
        ("0000-01-01T00:00:00Z", "-62167219200"),
        ("9999-12-31T23:59:59Z", "253402300799"),
        ("1900-03-01T00:00:00Z", "-2203891200"),
    ];
    for (date, seconds) in rows {
        assert_eq!(there(Form::DateAsEpoch, &format!("\"{date}\"")).as_deref(), Some(seconds), "{date}");
        assert_eq!(back(Form::DateAsEpoch, seconds), Some(format!("\"{date}\"")));
    }
    assert_eq!(there(Form::DateAsEpoch, "\"2011-05-13T06:42:34.00+02:00\"").as_deref(), Some("1305261754"));
    for other in
        ["2011-05-13T04:42:34.5Z", "2011-02-29T04:42:34Z", "2016-12-31T23:59:60Z", "2011-05-13", "2011-05-13T04:42:34"]
    {
        assert_eq!(there(Form::DateAsEpoch, &format!("\"{other}\"")), None, "{other}");
    }
    for foreign in ["1.5", "\"0\"", "253402300800", "-62167219201"] {
        assert_eq!(back(Form::DateAsEpoch, foreign), None, "{foreign}");
    }
    for op in ["eq", "ne", "gt", "ge", "lt", "le"] {
        let found = asked(Form::DateAsEpoch, &format!("x {op} \"2011-05-13T06:42:34+02:00\""));
        assert_eq!(found, Some(Rewrite::Literal("1305261754".to_owned())), "{op}");
    }
    for refused in ["x co \"2011-05-13T04:42:34Z\"", "x ge \"2011\"", "x ge 7"] {
        assert_eq!(asked(Form::DateAsEpoch, refused), None, "{refused}");
    }
}

#[test]
fn every_day_has_its_date() {
    for day in -800_000..2_900_000_i64 {
        let seconds = day * 86_400;
        if day % 97 == 0
            && let Some(date) = epoch::of_number(&Value::number(seconds))
        {
            assert_eq!(epoch::seconds(&date.as_str().unwrap()), Some(seconds), "{date}");
        }
    }
}

#[test]
fn json_becomes_its_text() {
    let rows =
        [("{\"a\": [1.0, null]}", "{\\\"a\\\": [1.0, null]}"), ("[]", "[]"), ("{}", "{}"), ("\"a\"", "\\\"a\\\"")];
    for (value, text) in rows {
        let value = crate::json::parse(value.as_bytes()).unwrap();
        let found = convert("x", Form::JsonAsString).there(&value).unwrap();
        assert_eq!(found.to_string(), format!("\"{text}\""));
        assert_eq!(convert("x", Form::JsonAsString).back(&found), Some(value.into_owned()));
    }
    for nothing in ["{\"a\": \"\"}", "[null]", "\"\""] {
        assert_eq!(there(Form::JsonAsString, nothing), None, "{nothing}");
    }
    for foreign in ["\"\"", "\"{\"", "\"null\"", "\"{ }\"", "7"] {
        assert_eq!(back(Form::JsonAsString, foreign), None, "{foreign}");
    }
}
