//! The command as a user types it: the whole path on few photos, and every kind of bad input.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
};

use lookalike_tests::{
    command::{self, Ended, run},
    demo_photos, fixtures, samples,
    server::Server,
};
use serde_json::Value;

/// 48 demo photos of four classes, a model trained on them for two epochs, a stand-in page, and a site. Made once.
struct Small {
    folder: tempfile::TempDir,
}

impl Small {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn small() -> &'static Small {
    static SMALL: OnceLock<Small> = OnceLock::new();
    SMALL.get_or_init(|| {
        let small = Small { folder: tempfile::tempdir().unwrap() };
        for class in ["birds", "castles-and-temples", "flowers", "galaxies"] {
            let target = small.path("photos").join(class);
            fs::create_dir_all(&target).unwrap();
            for photo in lookalike_tests::files(&demo_photos().join(class), &["jpg"]).iter().take(12) {
                fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
            }
        }
        fs::create_dir(small.path("page")).unwrap();
        fs::write(small.path("page/index.html"), "<!DOCTYPE html>").unwrap();
        done(&train(&small, "photos", "model", &["--epochs", "2"]));
        done(&build(&small, "photos", "site", &[]));
        small
    })
}

fn done(ended: &Ended) {
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
}

fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, 2, "{}{}", ended.out, ended.err);
    for word in words {
        assert!(ended.err.contains(word), "{word:?} is not in {}", ended.err);
    }
}

fn train(small: &Small, photos: &str, model: &str, options: &[&str]) -> Ended {
    let fixed = ["train", path(small, photos).as_str(), "--out", path(small, model).as_str(), "--device", "cpu"]
        .map(str::to_owned);
    run(fixed.into_iter().chain(options.iter().map(|&o| o.to_owned()))).unwrap()
}

fn build(small: &Small, photos: &str, site: &str, options: &[&str]) -> Ended {
    let (photos, site, model, page) =
        (path(small, photos), path(small, site), path(small, "model"), path(small, "page"));
    let fixed = ["build", &photos, "--out", &site, "--model", &model, "--page", &page].map(str::to_owned);
    run(fixed.into_iter().chain(options.iter().map(|&o| o.to_owned()))).unwrap()
}

fn path(small: &Small, name: &str) -> String {
    small.path(name).display().to_string()
}

fn inspect(site: &Path) -> Value {
    let ended = run([Path::new("inspect"), site, Path::new("--json")]).unwrap();
    done(&ended);
    serde_json::from_str(&ended.out).unwrap()
}

/// A folder of its own for one test, made of the first photos of the small collection.
fn few(name: &str, count: usize) -> PathBuf {
    let target = small().path(name);
    fs::create_dir_all(&target).unwrap();
    let photos = lookalike_tests::files(&small().path("photos/birds"), &["jpg"]);
    for photo in photos.iter().take(count) {
        fs::copy(photo, target.join(photo.file_name().unwrap())).unwrap();
    }
    target
}

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
fn folders_without_photos_are_refused_by_name() {
    let small = small();
    fs::create_dir_all(small.path("empty")).unwrap();
    let unreadable = few("unreadable", 1);
    fs::write(lookalike_tests::files(&unreadable, &["jpg"]).remove(0), "no photo").unwrap();
    for command in ["train", "build"] {
        let ask = |photos: &str| {
            run([command, &path(small, photos), "--out", &path(small, "never"), "--page", &path(small, "page")]
                [..if command == "train" { 4 } else { 6 }]
                .iter())
            .unwrap()
        };
        refused(&ask("missing"), &["missing", "does not exist"]);
        refused(&ask("empty"), &["empty", ".jpg"]);
        refused(&ask("unreadable"), &["unreadable"]);
        refused(&ask("page/index.html"), &["is a file"]);
    }
    assert!(!small.path("never").join("gallery").exists());
}

#[cfg(unix)]
#[test]
fn bad_photos_are_reported_counted_and_skipped() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = few("mixed", 8);
    let good = lookalike_tests::files(&folder, &["jpg"]).remove(0);
    let bytes = fs::read(&good).unwrap();
    fs::write(folder.join("truncated.jpg"), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(folder.join("text.jpg"), "hello").unwrap();
    fs::write(folder.join("zero.png"), "").unwrap();
    fs::write(folder.join("wrong-name.png"), &bytes).unwrap();
    fs::create_dir_all(folder.join("folder.jpg")).unwrap();
    symlink("nowhere", folder.join("dangling.jpg")).unwrap();
    fs::write(folder.join("closed.jpg"), &bytes).unwrap();
    fs::set_permissions(folder.join("closed.jpg"), fs::Permissions::from_mode(0o000)).unwrap();
    // Root reads everything, whatever the permissions say.
    let closed = usize::from(fs::read(folder.join("closed.jpg")).is_err());
    let ended = build(small(), "mixed", "site-mixed", &[]);
    assert_eq!(ended.code, 3, "{}", ended.err);
    for name in ["truncated.jpg", "text.jpg", "zero.png", "wrong-name.png", "folder.jpg", "dangling.jpg"] {
        assert!(ended.err.contains(&format!("skipped {name}: ")), "{name}: {}", ended.err);
    }
    assert!(ended.err.contains(&format!("{} photos skipped", 6 + closed)), "{}", ended.err);
    assert_eq!(inspect(&small().path("site-mixed"))["photos"], 9 - closed);
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
fn tiny_collections_work_with_values_lowered_and_said() {
    for count in [1, 2, 3] {
        few(&format!("tiny-{count}"), count);
        let site = format!("site-{count}");
        let ended = build(small(), &format!("tiny-{count}"), &site, &["--clusters", "9", "--perplexity", "50"]);
        done(&ended);
        assert!(ended.err.contains(&format!("k = {count}")) && ended.err.contains("t-SNE"), "{}", ended.err);
        let report = command::query(&small().path(&site), &samples()[0]).unwrap();
        assert_eq!(report["results"].as_array().unwrap().len(), count);
    }
}

#[test]
fn identical_photos_work_even_as_the_only_ones() {
    let folder = few("twins", 1);
    let photo = lookalike_tests::files(&folder, &["jpg"]).remove(0);
    fs::copy(&photo, folder.join("twin.jpg")).unwrap();
    done(&build(small(), "twins", "site-twins", &[]));
    let report = command::query(&small().path("site-twins"), &photo).unwrap();
    for result in report["results"].as_array().unwrap() {
        assert!(result["similarity"].as_f64().unwrap() >= 0.999);
    }
    done(&train(small(), "twins", "model-twins", &["--epochs", "1"]));
}

#[test]
fn senseless_options_are_refused_with_the_reason() {
    let refusal = |options: &[&str], words: &[&str]| refused(&build(small(), "photos", "never", options), words);
    refusal(&["--clusters", "0"], &["--clusters", "at least 1"]);
    refusal(&["--eps", "-1"], &["--eps", "cosine distance"]);
    refusal(&["--perplexity", "0"], &["--perplexity"]);
    refusal(&["--colour", "red"], &["--colour"]);
    refused(&run(["paint"]).unwrap(), &["paint"]);
}

#[test]
fn nothing_that_is_not_a_site_is_overwritten() {
    let taken = small().path("taken");
    fs::create_dir_all(&taken).unwrap();
    fs::write(taken.join("thesis.txt"), "years of work").unwrap();
    refused(&build(small(), "photos", "taken", &[]), &["taken", "not a site"]);
    refused(&train(small(), "photos", "taken", &[]), &["taken", "not a model"]);
    refused(&train(small(), "photos", "model", &[]), &["holds a model", "--overwrite"]);
    refused(&build(small(), "photos", "photos/site", &[]), &["is inside"]);
    assert_eq!(fs::read_to_string(taken.join("thesis.txt")).unwrap(), "years of work");
}

#[test]
fn a_site_that_holds_something_else_is_kept() {
    done(&build(small(), "photos", "site-mine", &[]));
    let note = small().path("site-mine/CNAME");
    fs::write(&note, "photos.example.org").unwrap();
    refused(&build(small(), "photos", "site-mine", &[]), &["CNAME", "not part of the site"]);
    assert!(note.exists());
    fs::remove_file(&note).unwrap();
    done(&build(small(), "photos", "site-mine", &[]));
    // Photos inside the site would be replaced with it.
    few("site-mine/photos", 3);
    refused(&build(small(), "site-mine/photos", "site-mine", &[]), &["is inside"]);
    assert_eq!(lookalike_tests::files(&small().path("site-mine/photos"), &["jpg"]).len(), 3);
}

#[test]
fn a_model_is_kept_until_the_new_training_begins() {
    done(&train(small(), "photos", "model-kept", &["--epochs", "1"]));
    let encoder = fs::read(small().path("model-kept/encoder.lka")).unwrap();
    fs::create_dir_all(small().path("nothing")).unwrap();
    refused(&train(small(), "nothing", "model-kept", &["--overwrite"]), &["no photo found"]);
    assert_eq!(fs::read(small().path("model-kept/encoder.lka")).unwrap(), encoder);
    done(&train(small(), "photos", "model-kept", &["--epochs", "1", "--overwrite", "--seed", "2"]));
    assert_ne!(fs::read(small().path("model-kept/encoder.lka")).unwrap(), encoder);
}

#[test]
fn what_is_no_site_and_no_model_is_refused() {
    let photos = path(small(), "photos");
    let sample = samples()[0].display().to_string();
    refused(&run(["query", &photos, &sample]).unwrap(), &["is not a site", "lookalike build"]);
    refused(&run(["serve", &photos]).unwrap(), &["is not a site"]);
    refused(&run(["inspect", &photos]).unwrap(), &["is not a site"]);
    refused(&run(["eval", &photos, "--model", &photos]).unwrap(), &["holds no model", "lookalike train"]);
    refused(&run(["query", &path(small(), "site"), "nowhere.jpg"]).unwrap(), &["nowhere.jpg"]);
    refused(&run(["embed", &photos, "--out", "x.csv"]).unwrap(), &[".npy"]);
    let site = path(small(), "site");
    refused(&run(["query", &site, &sample, "--plot", "result.jpg"]).unwrap(), &[".png"]);
}

#[test]
fn a_damaged_site_is_told_by_file() {
    let small = small();
    done(&build(small, "photos", "site-damaged", &[]));
    let gallery = small.path("site-damaged/gallery");
    let file = fs::read_dir(&gallery)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.display().to_string().contains("cell-"))
        .unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();
    let ended = run(["inspect", &path(small, "site-damaged")]).unwrap();
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("cell-") && ended.err.contains("checksum"), "{}", ended.err);
    fs::remove_file(&file).unwrap();
    let ended = run(["inspect", &path(small, "site-damaged")]).unwrap();
    assert!(ended.err.contains("is missing"), "{}", ended.err);
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

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_a_training_and_resume_ends_as_if_nothing_had_happened() {
    let small = small();
    done(&train(small, "photos", "model-whole", &["--epochs", "6"]));
    let arguments =
        ["train", &path(small, "photos"), "--out", &path(small, "model-stopped"), "--device", "cpu", "--epochs", "6"]
            .map(str::to_owned);
    let mut child = command::command(&arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // Its first checkpoint says that it is well under way.
    lookalike_tests::driver::wait(std::time::Duration::from_secs(60), || {
        Ok(small.path("model-stopped/checkpoint.lka").exists().then_some(()))
    })
    .unwrap();
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    let code = child.wait().unwrap().code();
    if code == Some(130) {
        assert!(err.contains("--resume goes on"), "{err}");
        refused(&train(small, "photos", "model-stopped", &["--epochs", "6"]), &["--resume"]);
        refused_with_failure(&train(small, "photos", "model-stopped", &["--epochs", "7", "--resume"]), "other options");
        done(&train(small, "photos", "model-stopped", &["--epochs", "6", "--resume"]));
    } else {
        assert_eq!(code, Some(0), "it may have been quicker than the signal; {err}");
    }
    for name in ["encoder.lka", "loss.json"] {
        assert_eq!(
            fs::read(small.path("model-whole").join(name)).unwrap(),
            fs::read(small.path("model-stopped").join(name)).unwrap(),
            "{name}"
        );
    }
}

#[cfg(unix)]
fn refused_with_failure(ended: &Ended, words: &str) {
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.err.contains(words), "{}", ended.err);
}
