//! From a site to its visitors: the printed git commands do what they say, and what would be refused is told before.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use lookalike_tests::{
    command::{self, Ended, end, run},
    contents, copy_folder, demo_site, files, root,
    server::Server,
    small::{build, done, few, path, refused, small},
};

/// A folder with a bare repository to push to, and a git that knows nothing but somebody's name.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let config = "[user]\n name = Somebody\n email = somebody@example.org\n[init]\n defaultBranch = main\n";
        fs::write(desk.path("gitconfig"), config).unwrap();
        desk.sh("git init --quiet --bare host.git");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A line as it is typed here.
    fn sh(&self, line: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-ec", line]).current_dir(self.0.path());
        shell.env("GIT_CONFIG_GLOBAL", self.path("gitconfig")).env("GIT_CONFIG_NOSYSTEM", "1");
        let ended = end(&mut shell).unwrap();
        assert_eq!(ended.code, 0, "{line}: {}{}", ended.out, ended.err);
        ended.out
    }

    fn publish(&self, site: &str, options: &[&str]) -> Ended {
        let mut command = command::command(["publish", site]);
        end(command.args(options).current_dir(self.0.path())).unwrap()
    }

    /// Types what was printed.
    fn follow(&self, ended: &Ended) {
        done(ended);
        let lines: Vec<_> = ended.out.lines().filter(|line| line.starts_with("  git ")).collect();
        assert!(lines.len() >= 3, "{}", ended.out);
        lines.iter().for_each(|line| drop(self.sh(line)));
    }

    /// What the host has on a branch.
    fn hosted(&self, branch: &str) -> PathBuf {
        let clone = tempfile::Builder::new().prefix("clone").tempdir_in(self.0.path()).unwrap().keep();
        self.sh(&format!("git clone --quiet --branch {branch} host.git '{}'", clone.display()));
        fs::remove_dir_all(clone.join(".git")).unwrap();
        clone
    }
}

#[test]
fn a_site_in_a_repository_reaches_the_branch_of_pages_by_what_is_printed() {
    let desk = Desk::new();
    desk.sh("git init --quiet work && git -C work remote add origin ../host.git && echo '*.lka' > work/.gitignore");
    desk.sh("echo mine > work/notes.txt && git -C work add notes.txt");
    let site = desk.path("work/my sites/flowers");
    copy_folder(&small().path("site"), &site);
    fs::remove_file(site.join(".nojekyll")).unwrap();
    desk.follow(&desk.publish("work/my sites/flowers", &[]));
    assert_eq!(contents(&desk.hosted("gh-pages")), contents(&site));
    assert!(site.join(".nojekyll").exists());
    // What else was to be committed there, still is.
    assert_eq!(desk.sh("git -C work diff --cached --name-only").trim(), "notes.txt");

    // Again, unchanged; then built again and smaller.
    desk.follow(&desk.publish("work/my sites/flowers", &[]));
    fs::remove_dir_all(&site).unwrap();
    few("publish-few", 5);
    done(&build(small(), "publish-few", "site-publish-few", &[]));
    copy_folder(&small().path("site-publish-few"), &site);
    desk.follow(&desk.publish("work/my sites/flowers", &[]));
    assert_eq!(contents(&desk.hosted("gh-pages")), contents(&site));
    assert_eq!(desk.sh("git -C host.git rev-list --count gh-pages").trim(), "1", "no history of old thumbnails");
}

#[test]
fn a_site_may_be_a_repository_itself() {
    let desk = Desk::new();
    copy_folder(&small().path("site"), &desk.path("site"));
    desk.sh("git init --quiet site && git -C site remote add origin ../host.git");
    desk.follow(&desk.publish("site", &[]));
    let mut site = contents(&desk.path("site"));
    site.retain(|path, _| !path.starts_with(".git"));
    assert_eq!(contents(&desk.hosted("gh-pages")), site);
}

#[test]
fn a_site_outside_of_a_repository_gets_one_beside_it() {
    let desk = Desk::new();
    copy_folder(&small().path("site"), &desk.path("site"));
    let unknown = desk.publish("site", &[]);
    assert!(unknown.out.contains("push https://github.com/USER/REPOSITORY.git gh-pages"), "{}", unknown.out);
    for _ in 0..2 {
        desk.follow(&desk.publish("site", &["--remote", "host.git"]));
        assert_eq!(contents(&desk.hosted("gh-pages")), contents(&desk.path("site")));
    }
    // The site itself stays a site, which may be built again.
    assert!(!desk.path("site/.git").exists() && desk.path("site.git").exists());
    let known = desk.publish("site", &["--remote", "git@github.com:Me/photos.git"]);
    assert!(known.out.contains("https://me.github.io/photos/"), "{}", known.out);
}

#[test]
fn a_workflow_is_written_pushed_and_never_over_somebody_elses() {
    let desk = Desk::new();
    copy_folder(&small().path("site"), &desk.path("alone"));
    refused(&desk.publish("alone", &["--workflow"]), &["no git repository", "git init"]);
    desk.sh("git init --quiet work && git -C work remote add origin ../host.git");
    copy_folder(&small().path("site"), &desk.path("work/site"));
    desk.follow(&desk.publish("work/site", &["--workflow"]));
    let hosted = desk.hosted("main");
    assert_eq!(contents(&hosted.join("site")), contents(&desk.path("work/site")));
    let workflow = fs::read_to_string(hosted.join(".github/workflows/pages.yml")).unwrap();
    for line in ["          path: 'site'", "    paths: ['site/**', .github/workflows/pages.yml]"] {
        assert!(workflow.lines().any(|is| is == line), "{line}: {workflow}");
    }
    // From now on that is how this site is published.
    let again = desk.publish("work/site", &[]);
    assert!(again.out.contains("GitHub Actions") && !again.out.contains("gh-pages"), "{}", again.out);
    desk.follow(&again);
    let place = desk.path("work/.github/workflows/pages.yml");
    fs::write(&place, "name: mine\n").unwrap();
    refused(&desk.publish("work/site", &["--workflow"]), &["pages.yml is there already"]);
    assert_eq!(fs::read_to_string(&place).unwrap(), "name: mine\n");
    // Without it, the branch.
    assert!(desk.publish("work/site", &[]).out.contains("gh-pages"));
}

#[test]
fn a_site_that_is_not_whole_is_named_and_nothing_is_written() {
    let desk = Desk::new();
    refused(&desk.publish("host.git", &[]), &["host.git is not a site"]);
    let spoiled = |name: &str, spoil: &dyn Fn(&Path)| {
        let site = desk.path(name);
        copy_folder(&small().path("site"), &site);
        fs::remove_file(site.join(".nojekyll")).unwrap();
        spoil(&site);
        let ended = desk.publish(name, &[]);
        assert!(ended.code != 0 && ended.out.is_empty() && !site.join(".nojekyll").exists(), "{name}: {}", ended.out);
        ended
    };
    let thumb = spoiled("thumb", &|site| fs::write(&files(&site.join("gallery/thumbs"), &["webp"])[7], "x").unwrap());
    assert!(thumb.err.contains("gallery/thumbs/") || thumb.err.contains("thumbs/"), "{}", thumb.err);
    let decoder = spoiled("decoder", &|site| {
        let decoder = files(&site.join("gallery"), &["lka"])
            .into_iter()
            .find(|path| path.display().to_string().contains("decoder-"));
        fs::remove_file(decoder.unwrap()).unwrap();
    });
    assert!(decoder.err.contains("decoder-"), "{}", decoder.err);
    let page =
        spoiled("page", &|site| fs::write(site.join("index.html"), "<script src=\"boot.js\"></script>").unwrap());
    refused(&page, &["lacks boot.js"]);
    let root =
        spoiled("root", &|site| fs::write(site.join("index.html"), "<script src=\"/boot.js\"></script>").unwrap());
    refused(&root, &["root of its host for /boot.js", "relative"]);
    // Files as large as they say, which take no room on the disk.
    let fill = |site: &Path, name: &str, bytes: u64| File::create(site.join(name)).unwrap().set_len(bytes).unwrap();
    refused(&spoiled("file", &|site| fill(site, "film.mp4", 101 << 20)), &["film.mp4 has 101 MiB", "at most 100 MiB"]);
    let many = spoiled("many", &|site| (0..11).for_each(|at| fill(site, &format!("{at}.mp4"), 99 << 20)));
    refused(&many, &["many has 1.14 GB", "at most 1 GB"]);
}

#[test]
fn what_is_not_the_sites_own_is_no_reason_to_refuse_it() {
    let desk = Desk::new();
    copy_folder(&small().path("site"), &desk.path("site"));
    for name in ["CNAME", "robots.txt", "404.html"] {
        fs::write(desk.path("site").join(name), "example.org").unwrap();
    }
    done(&desk.publish("site", &[]));
    let before = contents(&desk.path("site"));
    done(&desk.publish("site", &[]));
    assert!(contents(&desk.path("site")) == before && before.len() > 50);
}

#[test]
fn the_demo_site_is_published_under_the_path_of_a_project() {
    if lookalike_tests::skipped() {
        return;
    }
    let desk = Desk::new();
    copy_folder(&demo_site(), &desk.path("site"));
    let ended = desk.publish("site", &["--remote", "host.git"]);
    desk.follow(&ended);
    let visit: f64 = ended.out.split("first visit").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    assert!((1.0..6.0).contains(&visit), "MB: {}", ended.out);
    let server = Server::start(&desk.hosted("gh-pages"), "some-project", None).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let get = |name: &str| agent.get(format!("{}{name}", server.address)).call().unwrap();
    let html = get("index.html").body_mut().read_to_string().unwrap();
    let asked =
        [" href=\"", " src=\""].map(|name| html.split(name).skip(1).map(|rest| rest.split('"').next().unwrap()));
    let asked: Vec<_> =
        asked.into_iter().flatten().filter(|name| !name.starts_with('#') && !name.contains("://")).collect();
    assert!(asked.len() > 8, "{asked:?}");
    for name in asked.into_iter().chain(["gallery/gallery.lka", "worker_cpu_bg.wasm", "sw.js"]) {
        assert!(!name.starts_with('/'), "{name}");
        assert_eq!(get(name).status(), 200, "{name}");
    }
}

#[test]
fn the_help_says_that_nothing_is_sent() {
    let help = run(["publish", "--help"]).unwrap();
    assert!(help.out.contains("Nothing is sent by this command"), "{}", help.out);
    refused(&run(["publish", &path(small(), "photos")]).unwrap(), &["is not a site"]);
}

#[test]
fn every_action_is_pinned_to_a_commit() {
    let mut workflows = files(&root().join(".github/workflows"), &["yml"]);
    workflows.push(root().join("training/src/publish/pages.yml"));
    let is_commit = |version: &str| version.len() == 40 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut pinned = 0;
    for workflow in workflows {
        for line in fs::read_to_string(&workflow).unwrap().lines() {
            let Some((_, action)) = line.split_once("uses: ") else { continue };
            let (commit, version) = action.split_once('@').and_then(|(_, rest)| rest.split_once(" # v")).unwrap();
            assert!(is_commit(commit) && !version.is_empty(), "{}: {line}", workflow.display());
            pinned += 1;
        }
    }
    assert!(pinned > 10, "{pinned}");
}
