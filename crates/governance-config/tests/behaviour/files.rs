//! Given a file that cannot be read, when it is loaded, then the one fault says why.

use governance_config::{Diagnostics, Loader, Persistence};
use std::fs;
use std::path::Path;

const VALID: &str = "governance: { persistence: { type: inMemory } }";

fn fault(path: &Path) -> String {
    let found: Diagnostics = Loader::new().load_file(path).expect_err("the file cannot be read");
    assert_eq!(found.len(), 1);
    let fault = found.iter().next().unwrap();
    assert_eq!(fault.file, path.display().to_string());
    assert_eq!((fault.line, fault.column), (None, None));
    fault.to_string()
}

#[test]
fn what_is_no_readable_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let directory = folder.path().join("d.yaml");
    fs::create_dir(&directory).unwrap();
    let dangling = folder.path().join("l.yaml");
    std::os::unix::fs::symlink("nowhere.yaml", &dangling).unwrap();

    for (path, words) in [
        (folder.path().join("missing.yaml"), "there is no such file"),
        (dangling, "there is no such file"),
        (directory, "is a directory"),
        (folder.path().to_owned(), "is a directory"),
        (write("g.toml", VALID.as_bytes()), "its name does not say what it is"),
        (write("g", VALID.as_bytes()), "its name does not say what it is"),
        (write("latin1.yaml", b"a: 1\n# gr\xf6\xdfe\n"), "is not UTF-8: line 2"),
        (write("utf16.json", b"\xff\xfe{\0}\0"), "is not UTF-8: line 1"),
        (write("large.yaml", &vec![b'#'; (1 << 20) + 1]), "larger than 1 MiB"),
        ("/dev/zero".into(), "is not a regular file"),
    ] {
        let said = fault(&path);
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn the_largest_file_there_may_be_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.YML");
    let mut text = format!("{VALID}\n");
    text.extend(std::iter::repeat_n('#', (1 << 20) - text.len()));
    fs::write(&path, text).unwrap();
    assert_eq!(Loader::new().load_file(&path).unwrap().persistence, Persistence::InMemory);
}

#[test]
fn an_empty_file_is_called_empty() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["g.yaml", "g.json"] {
        let path = folder.path().join(name);
        fs::write(&path, "").unwrap();
        let found = Loader::new().load_file(&path).unwrap_err();
        assert!(found.iter().all(|fault| fault.problem.contains("empty")), "{found:#?}");
    }
}

/// Set for the process that has dropped its privileges: the file to load.
const UNREADABLE: &str = "GOVERNANCE_TEST_UNREADABLE";

#[test]
fn a_file_without_permission_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    if let Some(path) = std::env::var_os(UNREADABLE) {
        let said = fault(Path::new(&path));
        assert!(said.contains("no permission"), "{said}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("g.yaml");
    fs::write(&path, VALID).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();

    // This test once more, as a user who is not root: root may read anything. The test binary goes
    // where that user can run it.
    let binary = folder.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &binary).unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    let mut again = std::process::Command::new(&binary);
    again.args(["--exact", "files::a_file_without_permission_is_refused"]).env(UNREADABLE, &path).current_dir("/");
    let is_root = fs::File::open(&path).is_ok();
    if is_root {
        again.uid(65_534).gid(65_534);
    }
    let output = again.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
