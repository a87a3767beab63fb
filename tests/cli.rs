//! The command as a user types it: the whole path on few photos.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::Stdio,
};

use lookalike::photo::Photo;
use lookalike_tests::{
    command::{self, run},
    files, fixtures, samples,
    server::Server,
    small::{build, build_with, done, few, inspect, path, refused, small, train},
};
use serde_json::Value;

#[test]
fn a_model_comes_with_its_curve_pictures_and_options() {
    let model = small().path("model");
    let losses: Value = serde_json::from_slice(&fs::read(model.join("loss.json")).unwrap()).unwrap();
    assert_eq!(losses.as_array().unwrap().len(), 2);
    assert!(losses[1]["training"].as_f64().unwrap() < losses[0]["training"].as_f64().unwrap());
    let config: Value = serde_json::from_slice(&fs::read(model.join("config.json")).unwrap()).unwrap();
    assert_eq!(config["seed"], 1);
    for name in ["loss.png", "reconstructions.png"] {
        assert!(image::open(model.join(name)).unwrap().width() > 200, "{name}");
    }
    assert!(!model.join("checkpoint.lka").exists());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let small = small();
    done(&train(small, "photos", "model-again", &["--epochs", "2"]));
    for name in ["encoder.lka", "decoder.lka", "loss.json"] {
        assert_eq!(
            fs::read(small.path("model").join(name)).unwrap(),
            fs::read(small.path("model-again").join(name)).unwrap(),
            "{name}"
        );
    }
    done(&build(small, "photos", "site-again", &[]));
    let names = |site: &str| {
        let mut names: Vec<_> =
            fs::read_dir(small.path(site).join("gallery")).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    // Names are hashes of contents; the entry's own name is not.
    assert_eq!(names("site"), names("site-again"));
    let entry = |site: &str| fs::read(small.path(site).join("gallery/gallery.lka")).unwrap();
    assert_eq!(entry("site"), entry("site-again"));
}

#[test]
fn a_site_says_what_it_holds() {
    let report = inspect(&small().path("site"));
    assert_eq!(
        (&report["photos"], &report["embedding_width"], &report["title"]),
        (&48.into(), &64.into(), &"photos".into())
    );
    let sizes: u64 = report["cluster_sizes"].as_array().unwrap().iter().filter_map(Value::as_u64).sum();
    assert_eq!((report["cluster_sizes"].as_array().unwrap().len(), sizes), (4, 48));
    let decoder = fs::metadata(small().path("model/decoder.lka")).unwrap().len();
    assert_eq!((&report["decoder"]["output_side"], &report["decoder"]["bytes"]), (&64.into(), &decoder.into()));
}

#[test]
fn larger_pictures_are_kept_where_they_are_wanted_and_are_checked() {
    let small = small();
    done(&build(small, "photos", "site-large", &["--large", "320"]));
    assert!(!small.path("site/gallery/large").exists());
    let large = files(&small.path("site-large/gallery/large"), &["webp"]);
    let thumbs = files(&small.path("site-large/gallery/thumbs"), &["webp"]);
    let names = |files: &[PathBuf]| files.iter().map(|f| f.file_name().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!((large.len(), names(&large)), (48, names(&thumbs)));
    let long_side = |picture: &PathBuf| {
        let (width, height) = Photo::decode(&fs::read(picture).unwrap()).unwrap().picture().dimensions();
        width.max(height)
    };
    // Nothing grows; some of these photos are as large.
    assert_eq!(large.iter().map(long_side).max(), Some(320));
    assert_eq!(thumbs.iter().map(long_side).max(), Some(256));
    assert!(inspect(&small.path("site-large"))["bytes"]["large"].as_u64().unwrap() > 0);
    // Built again without them, they are gone.
    done(&build(small, "photos", "site-large", &[]));
    assert!(!small.path("site-large/gallery/large").exists());
    done(&build(small, "photos", "site-large", &["--large", "320"]));
    fs::write(&large[0], "damaged").unwrap();
    assert_eq!(run(["inspect", &path(small, "site-large")]).unwrap().code, 1);
}

#[test]
fn a_model_without_a_decoder_makes_a_site_without_one() {
    let small = small();
    fs::create_dir_all(small.path("model-bare")).unwrap();
    fs::copy(small.path("model/encoder.lka"), small.path("model-bare/encoder.lka")).unwrap();
    done(&build_with(small, "model-bare", "site-bare"));
    assert!(inspect(&small.path("site-bare"))["decoder"].is_null());
    let ended = run(["inspect", &path(small, "site-bare")]).unwrap();
    assert!(ended.out.contains("decoder   none"), "{}", ended.out);
}

#[test]
fn a_photo_of_the_gallery_finds_itself() {
    let report =
        command::query(&small().path("site"), &lookalike_tests::files(&small().path("photos/flowers"), &["jpg"])[3])
            .unwrap();
    let first = &report["results"][0];
    assert!(first["path"].as_str().unwrap().starts_with("flowers/"));
    assert!(first["similarity"].as_f64().unwrap() >= 0.999);
    assert_eq!(
        (report["results"].as_array().unwrap().len(), &report["device"], &first["rank"]),
        (6, &"CPU".into(), &1.into())
    );
    assert!(report["cluster"].is_u64() && report["map"].as_array().unwrap().len() == 2);
    assert!(report["density_group"].is_u64() || report["density_group"].is_null());
}

#[test]
fn a_query_by_address_is_the_query_by_name() {
    let photo = &samples()[0];
    let server = Server::start(photo.parent().unwrap(), "", None).unwrap();
    let address = format!("{}{}", server.address, photo.file_name().unwrap().to_str().unwrap());
    let site = path(small(), "site");
    let ended = run(["query", &site, &address, "--json"]).unwrap();
    done(&ended);
    let by_address: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(by_address["results"], command::query(&small().path("site"), photo).unwrap()["results"]);
    let ended = run(["query", &site, &format!("{}nothing.jpg", server.address)]).unwrap();
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("can't be fetched"), "{}", ended.err);
}

#[test]
fn a_query_can_be_drawn() {
    let picture = small().path("result.png");
    let sample = samples()[0].display().to_string();
    done(&run(["query", &path(small(), "site"), &sample, "-k", "4", "--plot", picture.to_str().unwrap()]).unwrap());
    assert!(image::open(picture).unwrap().height() > 600);
}

#[test]
fn eval_gives_figures_between_zero_and_one() {
    let photos = path(small(), "photos");
    for model in [path(small(), "model"), "pixels".to_owned()] {
        let ended = run(["eval", &photos, "--model", &model, "--json"]).unwrap();
        done(&ended);
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!((&report["images"], &report["classes"]), (&48.into(), &4.into()));
        for figure in ["precision_at_1", "precision_at_6", "r_precision", "mean_average_precision"] {
            // Four equal classes: chance gives a quarter.
            let value = report[figure].as_f64().unwrap();
            assert!(value > 0.25 && value <= 1.0, "{figure} {value}");
        }
    }
}

#[test]
fn compare_sets_methods_side_by_side() {
    let (photos, model) = (path(small(), "photos"), path(small(), "model"));
    let ended = run(["compare", &photos, "--model", &model, "--model", &model, "--json"]).unwrap();
    done(&ended);
    let report: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((&report["images"], &report["classes"]), (&48.into(), &4.into()));
    let methods = report["methods"].as_array().unwrap();
    let names: Vec<_> = methods.iter().map(|method| method["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["raw pixels", "colour histogram", &model, &model]);
    for method in methods {
        let keys: Vec<_> = method.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.len(), 11, "{keys:?}");
        for share in ["precision_at_1", "precision_at_6", "r_precision", "mean_average_precision", "purity", "nmi"] {
            assert!((0.0..=1.0).contains(&method[share].as_f64().unwrap()), "{share} {method}");
        }
        assert!(method["milliseconds_per_photo"].as_f64().unwrap() > 0.0);
    }
    let sizes = |at: usize| ["weights_bytes", "embedding_bytes"].map(|key| methods[at][key].as_u64().unwrap());
    let weights = fs::metadata(small().path("model/encoder.lka")).unwrap().len();
    assert_eq!([sizes(0), sizes(1), sizes(2)], [[0, 6144], [0, 1024], [weights, 128]]);
    assert!((1..weights).contains(&methods[2]["weights_gzip_bytes"].as_u64().unwrap()));
    // The figures that `eval` gives.
    for (at, model) in [(0, "pixels"), (2, model.as_str())] {
        let alone: Value =
            serde_json::from_str(&run(["eval", &photos, "--model", model, "--json"]).unwrap().out).unwrap();
        assert_eq!(methods[at]["mean_average_precision"], alone["mean_average_precision"]);
    }
}

#[test]
fn a_comparison_can_be_a_picture_and_a_page_whose_links_all_lead_somewhere() {
    let small = small();
    let (photos, model, page) = (path(small, "photos"), path(small, "model"), path(small, "comparison"));
    let picture = path(small, "comparison.png");
    let compare =
        |options: &[&str]| run(["compare", &photos, "--model", &model, "--page", &page].iter().chain(options)).unwrap();
    done(&compare(&["--plot", &picture]));
    assert!(image::open(&picture).unwrap().width() > 600);
    let html = fs::read_to_string(small.path("comparison/index.html")).unwrap();
    assert!(!html.contains("://") && !html.contains("<script"), "it stands alone");
    let mut links: Vec<_> = html.split("src=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = |words: &str| html.matches(words).count();
    // Twelve queries, each with six results of three methods.
    assert_eq!((links.len(), count("<section>")), (12 * (1 + 3 * 6), 12));
    assert_eq!(count("<li class=\"right\">") + count("<li class=\"wrong\">"), 12 * 3 * 6);
    // The sign, once more in the legend.
    assert_eq!(count("✓</span>"), 1 + count("<li class=\"right\">"));
    links.sort_unstable();
    links.dedup();
    assert!(links.iter().all(|link| image::open(small.path("comparison").join(link)).is_ok()));
    assert_eq!(lookalike_tests::files(&small.path("comparison/thumbs"), &["webp"]).len(), links.len());
    // A page is replaced by the next one, and by nothing that fails.
    done(&compare(&["--queries", "2"]));
    assert_eq!(fs::read_to_string(small.path("comparison/index.html")).unwrap().matches("<section>").count(), 2);
    fs::write(small.path("comparison/notes.txt"), "mine").unwrap();
    refused(&compare(&[]), &["comparison", "notes.txt"]);
    assert_eq!(fs::read_to_string(small.path("comparison/notes.txt")).unwrap(), "mine");
}

#[test]
fn compare_refuses_what_it_can_not_compare() {
    let small = small();
    let (photos, model) = (path(small, "photos"), path(small, "model"));
    let compare =
        |photos: &str, options: &[&str]| run(["compare", photos, "--model", &model].iter().chain(options)).unwrap();
    few("no-classes", 3);
    few("one-class/birds", 3);
    refused(&compare(&path(small, "no-classes"), &[]), &["no-classes has no class folders"]);
    refused(&compare(&path(small, "one-class"), &[]), &["one class only, birds"]);
    refused(&compare(&path(small, "gone"), &[]), &["gone does not exist"]);
    refused(&compare(&photos, &["--model", &photos]), &["holds no model"]);
    refused(&compare(&photos, &["--page", &path(small, "site")]), &["site", "not part of a comparison"]);
    refused(&compare(&photos, &["--page", &path(small, "photos/page")]), &["is inside"]);
    refused(&compare(&photos, &["--page", &model]), &["is inside"]);
    refused(&compare(&photos, &["--plot", "table.jpg"]), &[".png"]);
    refused(&compare(&photos, &["--queries", "3"]), &["--page"]);
}

#[test]
fn compare_skips_bad_photos_and_says_so() {
    let folder = few("two-classes/birds", 3);
    let other = few("two-classes/more-birds", 3);
    fs::write(other.join("text.jpg"), "hello").unwrap();
    let photos = folder.parent().unwrap().display().to_string();
    let ended = run(["compare", &photos, "--model", &path(small(), "model")]).unwrap();
    assert_eq!(ended.code, 3, "{}", ended.err);
    assert!(
        ended.err.contains("skipped more-birds/text.jpg") && ended.err.contains("1 photo skipped"),
        "{}",
        ended.err
    );
    assert!(ended.out.starts_with("6 photos in 2 classes\nmethod"), "{}", ended.out);
    // With the only readable photos of one class, nothing is left to compare.
    lookalike_tests::files(&other, &["jpg"]).iter().for_each(|photo| fs::write(photo, "hello").unwrap());
    refused(&run(["compare", &photos, "--model", &path(small(), "model")]).unwrap(), &["one class only", "text.jpg"]);
}

#[test]
fn embed_writes_what_numpy_reads() {
    let out = path(small(), "embeddings.npy");
    done(&run(["embed", &path(small(), "photos"), "--model", &path(small(), "model"), "--out", &out]).unwrap());
    let bytes = fs::read(&out).unwrap();
    assert!(bytes.starts_with(b"\x93NUMPY"));
    let header = String::from_utf8_lossy(&bytes[..128]).into_owned();
    assert!(header.contains("'<f4'") && header.contains("(48, 64)"), "{header}");
    let row: f32 =
        bytes[bytes.len() - 256..].chunks(4).map(|x| f32::from_le_bytes(x.try_into().unwrap()).powi(2)).sum();
    assert!((row - 1.0).abs() < 1e-5);
    assert_eq!(fs::read_to_string(small().path("embeddings.txt")).unwrap().lines().count(), 48);
}

#[test]
fn automatic_clusters_print_their_table() {
    let ended = build(small(), "photos", "site-auto", &["--clusters", "auto"]);
    done(&ended);
    assert!(ended.out.contains("inertia  silhouette") && ended.out.contains("DBSCAN"), "{}", ended.out);
}

#[test]
fn every_fixture_is_a_photo() {
    let folder = small().path("kinds");
    fs::create_dir_all(&folder).unwrap();
    for photo in fixtures() {
        fs::copy(&photo, folder.join(photo.file_name().unwrap())).unwrap();
    }
    done(&build(small(), "kinds", "site-kinds", &[]));
    assert_eq!(inspect(&small().path("site-kinds"))["photos"], fixtures().len());
}

#[test]
fn every_subcommand_teaches_by_example() {
    for command in ["train", "build", "query", "eval", "compare", "embed", "inspect", "serve", "publish"] {
        let help = run([command, "--help"]).unwrap();
        done(&help);
        assert!(help.out.contains("Example") && help.out.contains(&format!("lookalike {command} ")), "{}", help.out);
    }
}

#[test]
fn serve_shows_the_site_and_nothing_above_it() {
    let mut child =
        command::command(["serve", &path(small(), "site"), "--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.split_whitespace().next().unwrap().to_owned();
    assert!(address.starts_with("http://127.0.0.1:"), "{line}");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let status = |path: &str| agent.get(&format!("{address}{path}")).call().unwrap().status().as_u16();
    assert_eq!(
        [status("/"), status("/gallery/gallery.lka"), status("/nothing"), status("/..%2f..%2fetc/passwd")],
        [200, 200, 404, 404]
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
