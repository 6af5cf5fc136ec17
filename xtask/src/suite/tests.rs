use super::*;
use crate::process;
use std::ffi::OsStr;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Where steps wait for each other, in the processes that are such steps.
const MEETING: &str = "TOLLGATE_TEST_MEETING";

/// A cargo command without a package.
fn cargo(argument: &str) -> Run {
    Run::Tests(process::cargo([argument]))
}

/// One real test, run by this program once more: its `test result:` line counts one.
fn one_test() -> Run {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "tally::tests::result_lines_add_up_and_other_lines_do_not_count",
    ]);
    Run::Tests(command)
}

/// What is printed, and whether the run passed.
fn run_all(steps: Vec<Step>) -> (String, bool) {
    let mut out = Vec::new();
    let done = perform(steps, &mut out).unwrap();
    let passed = close(&done, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), passed)
}

/// The headings and the first words of versions, in the order in which they are printed.
fn landmarks(printed: &str) -> Vec<&str> {
    let is_landmark = |line: &&str| line.starts_with("==> ") || line.starts_with("cargo ");
    let lines = printed.lines().filter(is_landmark);
    lines
        .map(|line| line.strip_prefix("==> ").unwrap_or("version"))
        .collect()
}

#[test]
fn both_lanes_print_in_the_order_of_the_list() {
    let (printed, passed) = run_all(vec![
        Step::new("one", cargo("--version")),
        Step::new(steps::BUILD, cargo("--version")),
        Step::new("three", one_test()),
        Step::new("four", cargo("--version")).beside(),
        Step::new("five", one_test()),
        Step::new("six", cargo("--version")).beside(),
        Step::new("seven", cargo("--version")),
    ]);
    assert!(passed, "{printed}");
    assert_eq!(
        landmarks(&printed),
        [
            "1/7 one",
            "version",
            "2/7 test-build",
            "version",
            "3/7 three",
            "4/7 four",
            "version",
            "5/7 five",
            "6/7 six",
            "version",
            "7/7 seven",
            "version",
            "summary",
        ]
    );
    let summary = printed.split("==> summary").nth(1).unwrap();
    let names: Vec<_> = summary
        .lines()
        .filter_map(|line| {
            line.trim_start()
                .strip_prefix("ok")
                .and_then(|rest| rest.split("s  ").nth(1))
        })
        .collect();
    assert_eq!(names, ["one", "test-build", "three", "four", "five", "six", "seven"]);
}

#[test]
fn tests_of_both_lanes_count_once() {
    let (printed, passed) = run_all(vec![
        Step::new("first", one_test()),
        Step::new("second", one_test()).beside(),
        Step::new("third", one_test()).beside(),
    ]);
    assert!(passed, "{printed}");
    assert_eq!(printed.matches("test result: ok. 1 passed").count(), 3, "{printed}");
    assert_eq!(printed.lines().last(), Some("3 passed, 0 failed"), "{printed}");
}

#[test]
fn a_failing_step_of_the_second_lane_fails_the_run_and_the_steps_after_it_still_run() {
    let (printed, passed) = run_all(vec![
        Step::new("good", cargo("--version")),
        Step::new("bad", cargo("--no-such-option")).beside(),
        Step::new("fine", cargo("--version")).beside(),
    ]);
    assert!(!passed);
    let bad = printed.split("==> ").nth(2).unwrap();
    assert!(
        bad.starts_with("2/3 bad") && bad.contains("'--no-such-option'"),
        "{printed}"
    );
    assert!(
        printed.contains("steps that failed: bad\n0 passed, 0 failed\n"),
        "{printed}"
    );
    assert_eq!(printed.matches("      ok  ").count(), 2, "{printed}");
}

#[test]
fn steps_of_the_second_lane_run_where_nothing_else_is_chosen() {
    let (printed, passed) = run_all(vec![Step::new("alone", one_test()).beside()]);
    assert!(passed, "{printed}");
    assert_eq!(landmarks(&printed), ["1/1 alone", "summary"]);
    assert_eq!(printed.lines().last(), Some("1 passed, 0 failed"));
}

#[test]
fn the_second_lane_runs_beside_the_step_that_follows_the_build() {
    if let Some(place) = std::env::var_os(MEETING) {
        let mut meeting = TcpStream::connect(place.to_str().unwrap()).unwrap();
        // Only so that a failure ends.
        meeting.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        assert_eq!(meeting.read(&mut [0]).unwrap(), 0);
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let waits = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args([
                "--exact",
                "suite::tests::the_second_lane_runs_beside_the_step_that_follows_the_build",
            ])
            .env(MEETING, &place);
        Run::Tests(command)
    };
    // Each waits until both are there.
    thread::spawn(move || [listener.accept(), listener.accept()]);
    let (printed, passed) = run_all(vec![
        Step::new(steps::BUILD, cargo("--version")),
        Step::new("test", waits()),
        Step::new("beside", waits()).beside(),
    ]);
    assert!(passed, "{printed}");
}

/// The command of a step, if it has one.
fn command(step: &Step) -> Option<&Command> {
    match &step.run {
        Run::Command(command)
        | Run::With(_, command)
        | Run::Optional(_, command)
        | Run::Tests(command)
        | Run::RedisTests(command) => Some(command),
        Run::Fresh => None,
    }
}

fn arguments<'a>(all: &'a [Step], name: &str) -> Vec<&'a OsStr> {
    let step = all.iter().find(|step| step.name == name).unwrap();
    command(step).unwrap().get_args().collect()
}

#[test]
fn steps_with_a_target_folder_of_their_own_and_no_others_are_the_second_lane() {
    let all = steps::all().unwrap();
    for step in &all {
        let own = command(step).is_some_and(|command| command.get_envs().any(|(name, _)| name == "CARGO_TARGET_DIR"));
        assert_eq!(step.is_beside, own, "{}", step.name);
        let prints_at_once = matches!(step.run, Run::Fresh | Run::RedisTests(_));
        assert!(!(step.is_beside && prints_at_once), "{}", step.name);
    }
    assert!(all.iter().any(|step| step.is_beside));
}

#[test]
fn tests_are_built_with_the_arguments_and_variables_with_which_they_run() {
    let all = steps::all().unwrap();
    let place = |name: &str| all.iter().position(|step| step.name == name).unwrap();
    assert_eq!(place(steps::BUILD) + 1, place("test"));
    let environment = |name: &str| command(&all[place(name)]).unwrap().get_envs().collect::<Vec<_>>();
    assert_eq!(environment(steps::BUILD), environment("test"));
    let mut with_build = arguments(&all, "test");
    with_build.push(OsStr::new("--no-run"));
    assert_eq!(arguments(&all, steps::BUILD), with_build);
}

#[test]
fn examples_run_by_the_command_of_the_readme() {
    let all = steps::all().unwrap();
    let readme = std::fs::read_to_string(crate::workspace::root().join("README.md")).unwrap();
    for example in ["quickstart", "observe"] {
        assert!(readme.contains(&format!("cargo run --example {example}")));
        assert_eq!(arguments(&all, example), ["run", "--quiet", "--example", example]);
    }
}
