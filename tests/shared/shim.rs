//! Programs that end or stop at an exact call that changes the disk (`kill.c`).

use std::fmt::Display;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::thread;

use tempfile::TempDir;

/// The compiled shim.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/shared/kill.c");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kill.so");
        let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
        let mut command = Command::new(compiler);
        command
            .args(["-shared", "-fPIC", "-o"])
            .arg(&path)
            .arg(source);
        let output = command.arg("-ldl").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        (dir, path)
    });
    path
}

fn with_shim(command: &mut Command) -> &mut Command {
    command.env("LD_PRELOAD", library()).stdin(Stdio::null())
}

/// Runs a command to its end. Gives what it said, and the names of its calls in their order.
pub(crate) fn calls(command: &mut Command) -> (Output, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("calls");
    let output = with_shim(command).env("KILL_LOG", &log).output().unwrap();
    let text = fs::read_to_string(&log).unwrap_or_default();
    (output, text.lines().map(str::to_owned).collect())
}

/// Runs a command that is killed before one of its calls: by its number, from 1, or the first whose name and path have
/// a text.
pub(crate) fn killed_at(command: &mut Command, call: impl Display) -> ExitStatus {
    let command = with_shim(command).env("KILL_AT", call.to_string());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.unwrap()
}

/// A command that stands still before one of its calls. Killed when dropped.
pub(crate) struct Stopped(Option<Child>);

/// Runs a command until it stands before a call, as [`killed_at`] names it.
pub(crate) fn stopped_at(command: &mut Command, call: impl Display) -> Stopped {
    let command = with_shim(command).env("KILL_AT", call.to_string());
    let command = command.env("KILL_STOP", "1").stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let stat = format!("/proc/{}/stat", child.id());
    let stands = || {
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        let state = stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.starts_with('T'));
        state == Some(true)
    };
    while !stands() {
        assert_eq!(
            child.try_wait().unwrap(),
            None,
            "it ended before call {call}"
        );
        thread::yield_now();
    }
    Stopped(Some(child))
}

impl Stopped {
    pub(crate) fn id(&self) -> u32 {
        self.0.as_ref().unwrap().id()
    }

    /// Sends it a signal, which it sees when it goes on.
    pub(crate) fn signal(&self, name: &str) {
        let args = ["-s", name, &self.id().to_string()];
        assert!(Command::new("kill").args(args).status().unwrap().success());
    }

    /// Lets it go on to its end.
    pub(crate) fn go_on(mut self) -> Output {
        self.signal("CONT");
        self.0.take().unwrap().wait_with_output().unwrap()
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}

/// Whether a process was killed, as one is that the shim ends.
pub(crate) fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(9)
}
