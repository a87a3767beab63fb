//! Titles, links and tags from a file: they reach the gallery, and what can't be shown is refused by name.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::BTreeSet, fs};

use lookalike::gallery::{Details, Gallery, Item};
use lookalike_tests::{
    command::{self, Ended},
    demo_photos,
    small::{build, done, few, inspect, path, refused, small},
};
use lookalike_training::{metadata::Metadata, site};

/// Builds a site of the small collection with a file of metadata.
fn with(name: &str, file: &str, text: &str) -> Ended {
    fs::write(small().path(file), text).unwrap();
    build(small(), "photos", name, &["--metadata", &path(small(), file)])
}

fn gallery(name: &str) -> Gallery {
    Gallery::parse(&site::files(&small().path(name)).unwrap()).unwrap()
}

/// The path of a photo of the small collection.
fn photo(at: usize) -> String {
    gallery("site").items.iter().map(|item| item.path.clone()).nth(at).unwrap()
}

fn item(gallery: &Gallery, path: &str) -> Item {
    gallery.items.iter().find(|item| item.path == path).unwrap().clone()
}

fn details(title: &str, link: &str, tags: &[&str]) -> Details {
    Details { title: title.into(), link: link.into(), tags: tags.iter().map(|&tag| tag.into()).collect() }
}

#[test]
fn what_is_said_of_photos_reaches_the_gallery() {
    let [one, two, three] = [0, 5, 40].map(photo);
    let text = format!(
        "path,title,link,tags,author\n{one},\"A bird, \"\"sitting\"\"\",https://example.org/1,winter; bird;bird,me\n\
         ./{two},,shop/2.html,,\n{three},,,,\nbirds/gone.jpg,Gone,,,\na,,,,\nb,,,,\nc,,,bird,\n"
    );
    let ended = with("site-said", "said.csv", &text);
    done(&ended);
    assert!(ended.out.contains("said.csv: author; path, title, link, tags are"), "{}", ended.out);
    assert!(ended.out.contains("4 photos of"), "{}", ended.out);
    assert!(ended.out.contains("not in the folder: a, b, birds/gone.jpg and 1 more"), "{}", ended.out);
    let said = gallery("site-said");
    let expected = details("A bird, \"sitting\"", "https://example.org/1", &["bird", "winter"]);
    assert_eq!(item(&said, &one).details.as_deref(), Some(&expected));
    assert_eq!(item(&said, &two).details.as_deref(), Some(&details("", "shop/2.html", &[])));
    assert_eq!((item(&said, &three).details, item(&said, &two).name()), (None, two.as_str()));
    assert_eq!(item(&said, &one).name(), expected.title);
    let tags: Vec<_> = said.entry.tags.iter().map(|tag| (tag.name.as_str(), tag.photos)).collect();
    assert_eq!(tags, [("bird", 1), ("winter", 1)]);
    let report = inspect(&small().path("site-said"));
    assert_eq!((&report["with_metadata"], &report["tags"]), (&2.into(), &2.into()));
    // Whoever asks in the shell is told as well.
    let query = small().path("photos").join(&one);
    let found = command::query(&small().path("site-said"), &query).unwrap();
    let first = &found["results"][0];
    assert_eq!((first["path"].as_str(), first["title"].as_str()), (Some(one.as_str()), Some(expected.title.as_str())));
    assert_eq!((first["link"].as_str(), &first["tags"][1]), (Some("https://example.org/1"), &"winter".into()));
}

#[test]
fn a_list_says_what_a_table_says() {
    let one = photo(3);
    done(&with("site-table", "table.csv", &format!("path;tags;title\n{one};\"a; b\";T\n")));
    let list = serde_json::json!([{"path": one, "title": "T", "tags": ["b", "a"]}]);
    done(&with("site-list", "list.json", &list.to_string()));
    let entry = |name: &str| fs::read(small().path(name).join("gallery/gallery.lka")).unwrap();
    assert_eq!(entry("site-table"), entry("site-list"));
    assert_ne!(entry("site-table"), entry("site"));
}

#[test]
fn where_nothing_is_said_a_gallery_is_as_without() {
    done(&with("site-unsaid", "unsaid.csv", &format!("path,title\n{},\n", photo(0))));
    let entry = |name: &str| fs::read(small().path(name).join("gallery/gallery.lka")).unwrap();
    assert_eq!(entry("site-unsaid"), entry("site"));
}

#[test]
fn what_cant_be_shown_is_refused_by_name() {
    let one = photo(0);
    let refuse = |text: &str, words: &[&str]| {
        refused(&with("never", "bad.csv", text), &[words, &["bad.csv"]].concat());
        assert!(!small().path("never").exists());
    };
    for link in ["javascript:alert(1)", "data:text/html", "//example.org", "ftp://example.org"] {
        refuse(&format!("path,link\n{one},{link}\n"), &[&one, "line 2", "has a link that is neither"]);
    }
    refuse(&format!("path,title\n{one},{}\n", "x".repeat(201)), &[&one, "more than 200 letters"]);
    refuse(&format!("path,link\n{one},https://{}\n", "x".repeat(2000)), &[&one, "more than 2000 letters"]);
    refuse(&format!("path,tags\n{one},{}\n", "x".repeat(65)), &[&one, "has a tag of no letter, or of more than 64"]);
    let many: Vec<_> = (0..33).map(|at| at.to_string()).collect();
    refuse(&format!("path,tags\n{one},{}\n", many.join(";")), &[&one, "more than 32 tags"]);
    refuse(&format!("path,title\n{one},a\n{one},b\n"), &[&one, "stands there twice, again in line 3"]);
    refuse("path,title\n,a\n", &["line 2 has no path"]);
    refuse("file,title\na,b\n", &["no column `path`"]);
    refuse(&format!("path,title\n{one}\n"), &["line: 2"]);
    refuse("path,title\nbirds/nobody.jpg,a\n", &["none of the photos", "birds/nobody.jpg", "paths are those below"]);
    let kinds: String = (0..63)
        .map(|at| format!("x{at},{}\n", (0..32).map(|tag| format!("{at} {tag};")).collect::<String>()))
        .collect();
    refuse(&format!("path,tags\n{kinds}"), &["2016 different tags"]);
    refused(&with("never", "bad.txt", "path\n"), &["neither a .csv nor a .json file"]);
    refused(&with("never", "bad.json", "{}"), &["no JSON array"]);
    let missing = build(small(), "photos", "never", &["--metadata", &path(small(), "missing.csv")]);
    refused(&missing, &["missing.csv", "No such file"]);
}

#[test]
fn texts_may_hold_anything_else() {
    few("odd", 2);
    let text = "path,title,tags\nodd.jpg,,\n";
    fs::write(small().path("odd.csv"), text).unwrap();
    let name = fs::read_dir(small().path("odd")).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    let title = "<img src=x onerror=alert(1)> \u{202e}\n‏\u{0} \u{1F426}";
    let list = serde_json::json!([{"path": name, "title": title, "tags": ["<b>", "a&b=c,d", "\"'`"]}]);
    fs::write(small().path("odd.json"), list.to_string()).unwrap();
    done(&build(small(), "odd", "site-odd", &["--metadata", &path(small(), "odd.json")]));
    let read = item(&gallery("site-odd"), &name);
    assert_eq!((read.name(), read.tags()), (title, ["\"'`", "<b>", "a&b=c,d"].map(str::to_owned).as_slice()));
}

/// What the demo says of its photos is what is recorded of them: title, source and licence.
#[test]
fn the_demos_metadata_are_its_attribution() {
    let metadata = Metadata::read(Some(&demo_photos().join("metadata.csv"))).unwrap();
    let mut attribution = csv::Reader::from_path(demo_photos().join("ATTRIBUTION.csv")).unwrap();
    let mut licences = BTreeSet::new();
    let mut photos = 0;
    for record in attribution.records().map(Result::unwrap) {
        let [path, title, _author, licence, source] = [0, 1, 2, 3, 4].map(|at| record[at].to_owned());
        let said = metadata.of(&path).unwrap_or_else(|| panic!("{path} has no line in metadata.csv"));
        assert_eq!(said.title, title.trim());
        assert!(said.link.starts_with("http") && source.contains(&said.link), "{path}: {}", said.link);
        assert!(said.tags.contains(&licence), "{path}: {:?}", said.tags);
        licences.insert(licence);
        photos += 1;
    }
    assert!(photos > 600 && licences.len() > 5);
}
