//! What an operator is told by the binary before anything runs, and where something is misspelt.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::process::{Folder, Serving, dripline, run};

const CHAINS: &str = "\
[store]
url = 'postgres://dripline@db.example/dripline'
password_file = 'FOLDER/password'

[rails.evm]
kind = 'evm'
endpoints = ['https://eth.example', 'env:DRIPLINE_TESTS_RPC']
chain_id = 1
key_file = 'FOLDER/evm.txt'
max_fee_per_gas_gwei = '60'
[rails.evm.assets.DRIP]
threshold = '1000'

[rails.solana]
kind = 'solana'
endpoints = ['https://solana.example']
genesis_hash = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d'
key_env = 'DRIPLINE_TESTS_KEY'
[rails.solana.assets.DRIP]
threshold = '1000'

[rails.hook]
kind = 'webhook'
url = 'env:DRIPLINE_TESTS_HOOK'
secret_file = 'FOLDER/secret'
[rails.hook.assets.DRIP]
threshold = '1000'
";

#[test]
fn secrets_that_are_not_there_or_of_another_form_are_mistakes_with_their_lines() {
    let folder = Folder::new("secrets");
    let text = CHAINS.replace("FOLDER", folder.0.to_str().unwrap());
    let config = folder.file("dripline.toml", &text);
    let config = config.to_str().unwrap();
    folder.file("evm.txt", "hush");
    for arguments in [&["check-config", config][..], &["serve", "--config", config]] {
        let (code, _, told) = run(arguments);
        assert_eq!(code, 2, "{told}");
        for (place, why) in [
            ("dripline.toml:3: store.password_file", "No such file"),
            ("dripline.toml:7: rails.evm.endpoints", "DRIPLINE_TESTS_RPC: this variable is not set"),
            ("dripline.toml:9: rails.evm.key_file", "expected a secret key of 64 hexadecimal digits"),
            ("dripline.toml:18: rails.solana.key_env", "DRIPLINE_TESTS_KEY: this variable is not set"),
            ("dripline.toml:25: rails.hook.secret_file", "No such file"),
            ("dripline.toml:24: rails.hook.url", "DRIPLINE_TESTS_HOOK: this variable is not set"),
        ] {
            let line = told.lines().find(|line| line.contains(place));
            assert!(
                line.is_some_and(|line| line.contains("expected") && line.contains(why)),
                "{place}: {told}"
            );
        }
        assert!(!told.contains("hush"), "no secret is shown: {told}");
    }
    let (code, told, _) = run(&["check-config", "--without-secrets", config]);
    assert_eq!(code, 0, "{told}");
    // All of them there, as the commands and the documentation make them.
    let key = |kind: &str, name: &str| {
        let file = folder.0.join(name);
        let _ = std::fs::remove_file(&file);
        let (code, told, _) = run(&["keys", "treasury", "--kind", kind, "--out", file.to_str().unwrap()]);
        assert_eq!(code, 0, "{told}");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::read_to_string(file).unwrap()
    };
    key("evm", "evm.txt");
    let solana = key("solana", "solana.json");
    folder.file("password", "secret\n");
    folder.file("secret", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\n");
    let variables = [
        ("DRIPLINE_TESTS_RPC", "https://other.example"),
        ("DRIPLINE_TESTS_KEY", solana.as_str()),
        ("DRIPLINE_TESTS_HOOK", "https://pay.example"),
    ];
    let ended = dripline(&["check-config", config]).envs(variables).output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

#[test]
fn a_file_is_not_taken_for_a_catalog_in_the_configuration() {
    let folder = Folder::new("catalog-file");
    for text in ["catalog = 'catalog.toml'\n", "[catalog]\nfile = 'catalog.toml'\n", "[catalog]\n"] {
        let config = folder.file("dripline.toml", text);
        let (code, _, told) = run(&["check-config", config.to_str().unwrap()]);
        assert_eq!(code, 2);
        assert!(
            told.contains("dripline.toml:1: catalog: expected the whole catalog in this section"),
            "{told}"
        );
        assert!(told.contains("--catalog"), "{told}");
    }
}

#[test]
fn a_rail_that_is_nowhere_is_neither_paused_nor_listed_and_the_others_are_told() {
    let folder = Folder::new("unknown-rail");
    let (data, config) = (folder.0.join("data"), folder.0.join("dripline.toml"));
    let data = data.to_str().unwrap();
    Serving::with(data.as_ref(), &[], &[]).stop();
    for arguments in [
        &["payouts", "pause", "sandbx", "--data", data][..],
        &["payouts", "resume", "sandbx", "--data", data],
        &["payouts", "list", "sandbx", "--data", data],
    ] {
        let (code, _, told) = run(arguments);
        assert_eq!(code, 2, "{told}");
        assert!(told.contains("no rail sandbx") && told.contains("there is sandbox"), "{told}");
    }
    let (code, told, _) = run(&["payouts", "status", "--data", data]);
    assert_eq!((code, told.as_str()), (0, "nothing waits to be paid\n"), "nothing has changed");
    assert_eq!(run(&["payouts", "pause", "sandbox", "--data", data]).0, 0);
    // One that is known to the store alone.
    let rail = "[rails.play]\nkind = 'sandbox'\n[rails.play.assets.DRIP]\nthreshold = '5'\n";
    std::fs::write(&config, rail).unwrap();
    let config = config.to_str().unwrap();
    let (_, told, _) = run(&["payouts", "list", "--config", config, "--data", data]);
    assert!(told.contains("play: runs") && told.contains("sandbox: paused since"), "{told}");
    assert_eq!(run(&["payouts", "resume", "sandbox", "--config", config, "--data", data]).0, 0);
    assert_eq!(run(&["payouts", "pause", "play", "--config", config, "--data", data]).0, 0);
    let (code, _, told) = run(&["payouts", "pause", "play", "--why", "", "--config", config, "--data", data]);
    assert_eq!(code, 2);
    assert!(told.contains("expected 1 to 300 characters"), "{told}");
    let nobody = "00".repeat(16);
    let (code, _, told) = run(&["payouts", "return", &nobody, "--why", "closed", "--data", data]);
    assert_eq!(code, 1);
    assert!(told.contains("no such withdrawal"), "{told}");
    assert_eq!(run(&["payouts", "import", &nobody, "paid", "--data", data]).0, 1);
}

#[test]
fn keys_are_those_of_the_configured_data_directory() {
    let folder = Folder::new("configured-keys");
    let data = folder.0.join("elsewhere");
    Serving::with(&data, &[], &[]).stop();
    let config = folder.file("dripline.toml", &format!("[server]\ndata = '{}'\n", data.display()));
    let config = config.to_str().unwrap();
    let (code, by_config, told) = run(&["keys", "show", "--config", config]);
    assert_eq!(code, 0, "{told}");
    let (_, by_directory, _) = run(&["keys", "show", "--data", data.to_str().unwrap()]);
    assert_eq!(by_config, by_directory);
    let (code, rotated, _) = run(&["keys", "rotate", "--config", config]);
    assert_eq!(code, 0);
    assert_ne!(rotated, by_config);
}

#[test]
fn the_configurations_of_the_deployments_have_no_mistakes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    for file in ["dripline.toml", "container.toml", "compose/dripline.toml"] {
        let path = folder.join(file);
        let (code, _, told) = run(&["check-config", path.to_str().unwrap(), "--without-secrets"]);
        assert_eq!(code, 0, "{file}: {told}");
    }
}

#[test]
fn the_image_is_built_by_the_command_of_the_readme_and_run_as_the_unit_runs_the_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
    let (readme, image, unit) =
        (read("README.md"), read("deploy/Dockerfile"), read("deploy/dripline.service"));
    for command in ["cargo xtask build", "target/release/dripline"] {
        assert!(readme.contains(command) && image.contains(command), "{command}");
    }
    for command in ["serve", "health"] {
        assert!(
            image.contains(&format!("\"{command}\", \"--config\", \"/etc/dripline/dripline.toml\"")),
            "{command}"
        );
        assert_eq!(run(&[command, "--help"]).0, 0);
    }
    assert!(unit.contains("dripline serve --config /etc/dripline/dripline.toml"));
    let version = |text: &str, before: &str| {
        let (_, rest) = text.split_once(before).unwrap();
        rest.chars()
            .take_while(|character| *character == '.' || character.is_ascii_digit())
            .collect::<String>()
    };
    assert_eq!(version(&image, "FROM rust:"), version(&read("Cargo.toml"), "rust-version = \""));
}
