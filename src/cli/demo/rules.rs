//! The rule files that the project carries: a small company's Splunk searches and Sigma rules, written for this
//! demonstration. They are part of the binary, so that the demo works from anywhere.

/// A file of a rule export.
#[derive(Debug, Clone, Copy)]
pub struct RuleFile {
    /// Relative to `examples/rules`.
    pub path: &'static str,
    pub text: &'static str,
}

macro_rules! rule {
    ($path:literal) => {
        RuleFile { path: $path, text: include_str!(concat!("../../../examples/rules/", $path)) }
    };
}

/// All scheduled searches of one search head.
pub const SPLUNK: &[RuleFile] = &[rule!("splunk/savedsearches.conf")];

/// One rule a file.
pub const SIGMA: &[RuleFile] = &[
    rule!("sigma/aws_console_without_second_factor.yml"),
    rule!("sigma/aws_snapshot_shared.yml"),
    rule!("sigma/aws_unused_region.yml"),
    rule!("sigma/kubernetes_privileged_container.yml"),
    rule!("sigma/kubernetes_shell_in_container.yml"),
    rule!("sigma/linux_authorized_keys.yml"),
    rule!("sigma/linux_cron_by_web_server.yml"),
    rule!("sigma/linux_set_uid_copy.yml"),
    rule!("sigma/okta_factors_reset.yml"),
    rule!("sigma/okta_new_identity_provider.yml"),
    rule!("sigma/okta_session_from_two_places.yml"),
    rule!("sigma/windows_account_discovery.yml"),
    rule!("sigma/windows_archive_before_leaving.yml"),
    rule!("sigma/windows_download_with_system_tool.yml"),
    rule!("sigma/windows_encoded_powershell.yml"),
    rule!("sigma/windows_macro_security_lowered.yml"),
    rule!("sigma/windows_old_screen_saver.yml"),
    rule!("sigma/windows_protection_switched_off.yml"),
    rule!("sigma/windows_remote_desktop_new_pair.yml"),
    rule!("sigma/windows_run_key.yml"),
    rule!("sigma/windows_scheduled_script.yml"),
    rule!("sigma/windows_script_host_from_mail.yml"),
    rule!("sigma/windows_wmi_remote_process.yml"),
];

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_carried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/rules");
        for (name, carried) in [("splunk", SPLUNK), ("sigma", SIGMA)] {
            let mut there: Vec<String> = fs::read_dir(folder.join(name))
                .unwrap()
                .map(|entry| format!("{name}/{}", entry.unwrap().file_name().to_string_lossy()))
                .collect();
            there.sort();
            let carried: Vec<&str> = carried.iter().map(|file| file.path).collect();
            assert_eq!(carried, there);
        }
    }
}
