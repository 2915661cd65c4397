//! The operations that the fake's catalogue has, and its quotas.
//!
//! Names are those of the vendors' API examples, of events and acceptance tests that were
//! published, and of the user guides' pages "Supported Services and Operations", with their own
//! spelling. The guides name no service type; it is the acronym. The real catalogue is far longer.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::call::Call;
use super::response::{BODY_INVALID, Reply, success};

/// Service, kind of resource, operations.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// Lists the operations of a service, in any case, and of a kind of resource.
pub(super) fn list_operations(call: &Call<'_>) -> Reply {
    let [service, resource] = ["service_type", "resource_type"].map(|name| call.query_value(name));
    if resource.is_some() && service.is_none() {
        return Err(BODY_INVALID);
    }
    let found: Vec<Value> = CATALOGUE
        .iter()
        .filter(|(of, _, _)| service.as_ref().is_none_or(|service| service.eq_ignore_ascii_case(of)))
        .filter(|(_, on, _)| resource.as_ref().is_none_or(|resource| resource == on))
        .map(|(of, on, names)| json!({"service_type": of, "resource_type": on, "operation_list": names}))
        .collect();
    Ok(success(StatusCode::OK, &json!({"operations": found})))
}

/// Lists quotas: their types, what is used, and how much there is.
pub(super) fn quotas(rows: &[(&str, usize, usize)]) -> Response<Bytes> {
    let row = |(kind, used, quota): &(&str, usize, usize)| json!({"type": kind, "used": used, "quota": quota});
    success(StatusCode::OK, &json!({"resources": rows.iter().map(row).collect::<Vec<_>>()}))
}

#[rustfmt::skip]
const CATALOGUE: &[Row] = &[
    ("CTS", "tracker", &["createTracker", "updateTracker", "deleteTracker"]),
    ("CTS", "notification", &[
        "createNotification", "updateNotification", "updateNotificationStatus", "deleteNotification",
    ]),
    ("CTS", "trace", &["getTrace"]),
    ("AOM", "pe", &["createPolicyGroup", "updatePolicyGroup", "deletePolicyGroup"]),
    ("ECS", "ecs", &[
        "createServer", "deleteServer", "createServerV2", "deleteServerV2", "startServer", "rebootServer",
        "stopServer", "resizeServer", "attachVolume", "attachVolumeV2", "detachVolume", "addNic", "deleteNic",
        "reinstallOs", "changeOs", "updateMetadata", "setMetadata", "deleteMetadata", "addAutoRecovery",
        "deleteAutoRecovery", "createSecurityGroup", "createSgRule", "deleteSgRule", "createFloatingIp",
        "deleteFloatingIp", "createSingleServer",
    ]),
    ("ECS", "server", &["interruptServer"]),
    ("EVS", "evs", &["createVolume", "deleteVolume", "updateVolume", "extendVolume"]),
    ("VPC", "vpc", &["createVpc", "deleteVpc"]),
    ("VPC", "flowlogs", &["createFlowLog", "updateFlowLog"]),
    ("OBS", "bucket", &[
        "createBucket", "deleteBucket", "deleteBucketPolicy", "setBucketPolicy", "setBucketAcl", "setBucketCors",
        "setBucketLifecycle", "setBucketLogging", "setBucketNotification", "setBucketQuota", "setBucketReplication",
        "setBucketTagging", "setBucketVersioning", "setBucketWebsite", "setBucketStorageclass",
    ]),
    ("CBR", "vault", &[
        "updateVault", "dissociatePolicy", "createVault", "deleteVault", "associatePolicy", "addResources",
        "removeResources", "createVaultBackup", "replicateVaultBackup", "disableProtect",
    ]),
    ("CBR", "policy", &["createPolicy", "updatePolicy", "deletePolicy"]),
    ("CBR", "backup", &[
        "createBackup", "deleteBackup", "restoreBackup", "syncBackup", "replicateBackup", "updateBackup",
    ]),
    ("IAM", "user", &[
        "login", "loginfailed", "logout", "changePassword", "createUser", "updateUser", "deleteUser",
        "createCredential", "deleteCredential", "updateUserPwd", "modifyLoginProtect",
    ]),
    ("IAM", "userGroup", &["createGroup", "updateGroup", "deleteGroup", "addUserToGroup", "removeUserFromGroup"]),
    ("IAM", "agency", &["createAgency", "updateAgency", "deleteAgency", "switchRole"]),
    ("IAM", "MFA", &["BindMFA", "UnBindMFA", "createMFA", "deleteMFA"]),
    ("IAM", "project", &["createProject", "updateProject", "deleteProject"]),
    ("IAM", "identityProvider", &[
        "createIdentityProvider", "updateIdentityProvider", "deleteIdentityProvider", "createProtocol",
        "createOIDCConfiguration",
    ]),
    ("IAM", "SecurityPolicy", &["modifySecurityPolicy"]),
    ("IAM", "assignment", &["createAssignment", "deleteAssignment"]),
    ("SMN", "topic", &[
        "createTopic", "updateTopic", "deleteTopic", "updateTopicAttribute", "listTopics", "listTopicDetails",
    ]),
    ("SMN", "subscription", &["subscribe", "delsubscribe", "listSubscriptions", "updateSubscriberRemark"]),
    ("SMN", "message_template", &["createMessageTemplate", "updateMessageTemplate", "deleteMessageTemplate"]),
    ("SMN", "tag", &["batchCreateTag", "deleteTag"]),
    ("FunctionGraph", "Functions", &["createFunction"]),
    ("FunctionGraph", "graph", &["deleteGraph"]),
    ("CCE", "Cluster", &[
        "createCluster", "updateCluster", "deleteCluster", "clusterUpgrade", "hibernateCluster", "awakeCluster",
        "resizeCluster", "revokeClusterCert", "operateMasterEIP",
    ]),
    ("RDS", "instance", &[
        "createInstance", "deleteInstance", "instanceAction", "instanceRestart", "instanceRestore", "instanceRename",
        "resetPassword", "setDBParameters", "setBackupPolicy", "changeInstancePort", "setOrResetPublicIP",
        "instanceFailOver",
    ]),
    ("RDS", "backup", &["createManualSnapshot", "copySnapshot", "deleteManualSnapshot"]),
    ("RDS", "parameterGroup", &[
        "createParameterGroup", "updateParameterGroup", "deleteParameterGroup", "applyParameterGroup",
    ]),
    ("RDS", "all", &["rdsUnsubscribeInstance", "rdsfreezeInstance"]),
    ("DCS", "Redis", &[
        "createDCSInstance", "deleteDCSInstance", "stopDCSInstance", "startDCSInstance", "restartDCSInstance",
        "flushDCSInstance", "backupDCSInstance", "restoreDCSInstance", "modifyDCSInstancePassword", "webCliLogin",
    ]),
    ("DCS", "Instance", &["submitBatchStopDCSInstanceRequest", "submitBatchStartDCSInstanceRequest"]),
    ("AAD", "addprotocolrule", &["addProtocolRule"]),
    ("BCS", "baas-apiserver", &["scalePeers"]),
    ("ARS", "ars", &["setConfigArs"]),
];
