//! The command as a user types it: the whole path on few photos.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
};

use lookalike_tests::{
    command::{self, run},
    fixtures, samples,
    server::Server,
    small::{build, done, inspect, path, small, train},
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
    for command in ["train", "build", "query", "eval", "embed", "inspect", "serve"] {
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
