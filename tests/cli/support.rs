//! A fake CTS on a port, and the tool pointed at it.

#[cfg(unix)]
use std::io::{BufRead, BufReader, Read as _};
use std::path::PathBuf;
#[cfg(unix)]
use std::process::{Child, ChildStderr, ChildStdout, Stdio};
use std::sync::mpsc;

use huaweicloud_cts::CtsClient;
use huaweicloud_cts::notification::{CreateNotification, Filter, FilterRule, Operation};
use huaweicloud_cts::testing::FakeCts;
use snapbox::Redactions;
use snapbox::cmd::Command;
use tokio::runtime::{Builder, Runtime};

pub(crate) const SECRET: &str = "not-a-secret-the-fake-accepts-it";

fn seed(fake: &FakeCts) {
    let logins = [Operation::new("IAM", "user", ["login", "logout"])];
    let topic = format!("urn:smn:cn-north-4:{}:audit", FakeCts::PROJECT_ID);
    let filter = Filter::all([FilterRule::from("code != 200")]);
    let logins = CreateNotification::customized("logins", logins).topic(topic).filter(filter);
    runtime().block_on(async {
        let client = fake.client();
        client.create_notification(&logins).await.unwrap();
        client.create_notification(&CreateNotification::complete("审计")).await.unwrap();
    });
}

pub(crate) struct Cts {
    pub(crate) fake: FakeCts,
    endpoint: String,
    home: PathBuf,
    _stop: tokio::sync::oneshot::Sender<()>,
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

impl Cts {
    /// A fake with two notifications, and an empty home directory of this name.
    pub(crate) fn new(name: &str) -> Self {
        Self::of(FakeCts::new(), name)
    }

    pub(crate) fn of(fake: FakeCts, name: &str) -> Self {
        seed(&fake);
        Self::serving(fake, name)
    }

    /// A fake without notifications, and an empty home directory of this name.
    pub(crate) fn empty(name: &str) -> Self {
        Self::serving(FakeCts::new(), name)
    }

    fn serving(fake: FakeCts, name: &str) -> Self {
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (told, endpoint) = mpsc::channel();
        let serving = fake.clone();
        std::thread::spawn(move || {
            runtime().block_on(async {
                let server = serving.serve().await.unwrap();
                told.send(server.endpoint().to_owned()).unwrap();
                let _stop = stopped.await;
            });
        });
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
        let _none = std::fs::remove_dir_all(&home);
        std::fs::create_dir_all(&home).unwrap();
        Self { fake, endpoint: endpoint.recv().unwrap(), home, _stop: stop }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The environment that leads the tool to the fake.
    pub(crate) fn variables(&self) -> [(&'static str, String); 7] {
        [
            ("CTS_ENDPOINT", self.endpoint.clone()),
            ("HUAWEICLOUD_SDK_IAM_ENDPOINT", self.endpoint.clone()),
            ("CTS_REGION", "cn-north-4".to_owned()),
            ("HUAWEICLOUD_SDK_PROJECT_ID", FakeCts::PROJECT_ID.to_owned()),
            ("HUAWEICLOUD_SDK_AK", "FAKEACCESSKEY0000001".to_owned()),
            ("HUAWEICLOUD_SDK_SK", SECRET.to_owned()),
            ("HOME", self.home.display().to_string()),
        ]
    }

    /// The tool with these arguments, which are separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Command {
        let command = bare(arguments).current_dir(&self.home).envs(self.variables());
        let mut redactions = Redactions::new();
        redactions.insert("[ENDPOINT]", self.endpoint.clone()).unwrap();
        command.with_assert(
            snapbox::Assert::new()
                .action_env("SNAPSHOTS")
                .normalize_paths(false)
                .redact_with(redactions),
        )
    }

    /// Writes a file, and returns its path.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// What the tool prints to stdout.
    pub(crate) fn stdout(&self, arguments: &str) -> String {
        let output = self.run(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let all = self.fake.notifications(FakeCts::PROJECT_ID);
        all.into_iter().map(|notification| notification.notification_name).collect()
    }

    /// Does something to the fake through a client of its own.
    pub(crate) fn with_client<T, F: Future<Output = T>>(
        &self,
        act: impl FnOnce(CtsClient) -> F,
    ) -> T {
        runtime().block_on(act(self.fake.client()))
    }
}

/// The tool while it runs.
#[cfg(unix)]
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: BufReader<ChildStderr>,
}

#[cfg(unix)]
impl Running {
    pub(crate) fn start(cts: &Cts, arguments: &str) -> Self {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_cts"))
            .args(arguments.split(' '))
            .current_dir(&cts.home)
            .env_clear()
            .envs(cts.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, stdout: BufReader::new(stdout), stderr: BufReader::new(stderr) }
    }

    /// Returns the next line of stdout that has this in it.
    pub(crate) fn stdout_until(&mut self, part: &str) -> String {
        until(&mut self.stdout, part)
    }

    pub(crate) fn stderr_until(&mut self, part: &str) -> String {
        until(&mut self.stderr, part)
    }

    /// Presses Ctrl-C. Returns the exit code, and the rest of stdout and stderr.
    pub(crate) fn interrupt(self) -> (Option<i32>, String, String) {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let Self { mut child, mut stdout, mut stderr } = self;
        let (mut printed, mut rest) = (String::new(), String::new());
        stderr.read_to_string(&mut rest).unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        (child.wait().unwrap().code(), printed, rest)
    }

    /// Closes stdout, and waits for the end. Returns the exit code, and the rest of stderr.
    pub(crate) fn stop_reading(self) -> (Option<i32>, String) {
        let Self { mut child, stdout, mut stderr } = self;
        drop(stdout);
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        (child.wait().unwrap().code(), rest)
    }
}

#[cfg(unix)]
fn until(stream: &mut impl BufRead, part: &str) -> String {
    let mut line = String::new();
    loop {
        line.clear();
        assert!(stream.read_line(&mut line).unwrap() > 0, "it ended before {part:?}");
        if line.contains(part) {
            return line;
        }
    }
}

/// The tool without a service, a home or credentials.
pub(crate) fn bare(arguments: &str) -> Command {
    Command::new(env!("CARGO_BIN_EXE_cts"))
        .args(arguments.split(' ').filter(|argument| !argument.is_empty()))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .with_assert(snapbox::Assert::new().action_env("SNAPSHOTS").normalize_paths(false))
}
