//! Each provider of http is asked as its documentation says, and its answers are understood.

use serde_json::{Value, json};
use skep::dns::DnsError;

use crate::server::{Line, Provider, open};

const NAME: &str = "_acme-challenge.a.example.org";

fn settings(kind: &str, address: &str) -> String {
    json!({"kind": kind, "address": address}).to_string()
}

fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn cloudflare() {
    const ZONES: Line = ("GET /zones?name=example.org", 200, r#"{"success":true,"result":[{"id":"z1"}]}"#);
    const LIST: &str = "GET /zones/z1/dns_records?type=TXT&name=_acme-challenge.a.example.org&per_page=100";
    let other = r#"{"result":[{"id":"r0","content":"\"other\""}]}"#;
    let both = r#"{"result":[{"id":"r0","content":"\"other\""},{"id":"r1","content":"\"v\""}]}"#;
    let (provider, address) = Provider::start(&[
        ZONES,
        (LIST, 200, other),
        ("POST /zones/z1/dns_records", 200, r#"{"result":{"id":"r1"}}"#),
        ZONES,
        (LIST, 200, both),
        ZONES,
        (LIST, 200, both),
        ("DELETE /zones/z1/dns_records/r1", 200, r#"{"result":{"id":"r1"}}"#),
        ("GET /zones?name=example.org", 200, r#"{"success":true,"result":[]}"#),
        (
            "GET /zones?name=example.org",
            403,
            r#"{"success":false,"errors":[{"code":9109,"message":"Invalid access token cf-token"}]}"#,
        ),
    ])
    .await;
    let zone = open(&settings("cloudflare", &address), ("", "cf-token"));
    zone.put(NAME, "v").await.unwrap();
    zone.put(NAME, "v").await.unwrap();
    zone.remove(NAME, "v").await.unwrap();
    assert_eq!(zone.put(NAME, "v").await.unwrap_err(), DnsError::NoZone("example.org".to_owned()));
    let said = zone.put(NAME, "v").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("Invalid access token")), "{said}");
    assert!(!said.to_string().contains("cf-token"), "{said}");
    let asked = provider.asked();
    assert!(asked.iter().all(|one| one.headers["authorization"] == "Bearer cf-token"));
    let made = json!({"type": "TXT", "name": NAME, "content": "\"v\"", "ttl": 60});
    assert_eq!(body(&asked[2].body), made);
    assert_eq!(asked[7].line, "DELETE /zones/z1/dns_records/r1", "nobody else's record");
}

#[tokio::test]
async fn digitalocean() {
    const LIST: &str =
        "GET /v2/domains/example.org/records?type=TXT&name=_acme-challenge.a.example.org&per_page=200";
    let (provider, address) = Provider::start(&[
        (LIST, 200, r#"{"domain_records":[{"id":7,"data":"other"}]}"#),
        ("POST /v2/domains/example.org/records", 201, r#"{"domain_record":{"id":8}}"#),
        (LIST, 200, r#"{"domain_records":[{"id":7,"data":"other"},{"id":8,"data":"v"}]}"#),
        ("DELETE /v2/domains/example.org/records/8", 204, ""),
        (LIST, 404, r#"{"id":"not_found","message":"The resource you were accessing could not be found."}"#),
    ])
    .await;
    let zone = open(&settings("digitalocean", &address), ("", "do-token"));
    zone.put(NAME, "v").await.unwrap();
    zone.remove(NAME, "v").await.unwrap();
    assert_eq!(zone.remove(NAME, "v").await.unwrap_err().code(), "zone_missing");
    let asked = provider.asked();
    assert!(asked.iter().all(|one| one.headers["authorization"] == "Bearer do-token"));
    assert_eq!(
        body(&asked[1].body),
        json!({"type": "TXT", "name": "_acme-challenge.a", "data": "v", "ttl": 60})
    );
}

#[tokio::test]
async fn hetzner() {
    const ZONE: Line = ("GET /v1/zones/example.org", 200, r#"{"zone":{"id":1}}"#);
    const SET: &str = "GET /v1/zones/example.org/rrsets/_acme-challenge.a/TXT";
    const ADD: &str = "POST /v1/zones/example.org/rrsets/_acme-challenge.a/TXT/actions/add_records";
    const REMOVE: &str = "POST /v1/zones/example.org/rrsets/_acme-challenge.a/TXT/actions/remove_records";
    let both = r#"{"rrset":{"records":[{"value":"\"other\""},{"value":"\"v\""}]}}"#;
    let (provider, address) = Provider::start(&[
        ZONE,
        (SET, 404, r#"{"error":{"code":"not_found","message":"rrset not found"}}"#),
        (ADD, 201, r#"{"action":{"id":1}}"#),
        ZONE,
        (SET, 200, both),
        (REMOVE, 201, r#"{"action":{"id":2}}"#),
        ("GET /v1/zones/example.org", 404, r#"{"error":{"code":"not_found","message":"zone not found"}}"#),
        (
            "GET /v1/zones/example.org",
            401,
            r#"{"error":{"code":"unauthorized","message":"unable to authenticate"}}"#,
        ),
    ])
    .await;
    let zone = open(&settings("hetzner", &address), ("", "h-token"));
    zone.put(NAME, "v").await.unwrap();
    zone.remove(NAME, "v").await.unwrap();
    assert_eq!(zone.put(NAME, "v").await.unwrap_err().code(), "zone_missing");
    let said = zone.put(NAME, "v").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("unable to authenticate")), "{said}");
    let asked = provider.asked();
    assert!(asked.iter().all(|one| one.headers["authorization"] == "Bearer h-token"));
    assert_eq!(body(&asked[2].body), json!({"ttl": 60, "records": [{"value": "\"v\""}]}));
    assert_eq!(body(&asked[5].body), json!({"records": [{"value": "\"v\""}]}));
}

#[tokio::test]
async fn desec() {
    const LIST: &str = "GET /api/v1/domains/example.org/rrsets/?type=TXT&subname=_acme-challenge.a";
    const WRITE: &str = "PATCH /api/v1/domains/example.org/rrsets/";
    let (provider, address) = Provider::start(&[
        (LIST, 200, r#"[{"subname":"_acme-challenge.a","records":["\"other\""]}]"#),
        (WRITE, 200, "[]"),
        (LIST, 200, r#"[{"records":["\"v\""]}]"#),
        (WRITE, 200, "[]"),
        (LIST, 404, r#"{"detail":"Not found."}"#),
        (LIST, 401, r#"{"detail":"Invalid token."}"#),
    ])
    .await;
    let zone = open(&settings("desec", &address), ("", "d-token"));
    zone.put(NAME, "v").await.unwrap();
    zone.remove(NAME, "v").await.unwrap();
    assert_eq!(zone.put(NAME, "v").await.unwrap_err().code(), "zone_missing");
    let said = zone.put(NAME, "v").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("Invalid token")), "{said}");
    let asked = provider.asked();
    assert!(asked.iter().all(|one| one.headers["authorization"] == "Token d-token"));
    let set = |records: Value| json!([{"subname": "_acme-challenge.a", "type": "TXT", "ttl": 3600, "records": records}]);
    assert_eq!(body(&asked[1].body), set(json!(["\"other\"", "\"v\""])), "the other value stays");
    assert_eq!(body(&asked[3].body), set(json!([])));
}

#[tokio::test]
async fn acme_dns() {
    let (provider, address) = Provider::start(&[
        ("POST /update", 200, r#"{"txt":"v"}"#),
        ("POST /update", 401, r#"{"error":"forbidden"}"#),
    ])
    .await;
    let settings = json!({"kind": "acme_dns", "address": address, "subdomain": "d420c923"}).to_string();
    let zone = open(&settings, ("user-1", "pass-1"));
    zone.put("d420c923.auth.example.net", "v").await.unwrap();
    zone.remove("d420c923.auth.example.net", "v").await.unwrap();
    let said = zone.put("d420c923.auth.example.net", "v").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("forbidden")), "{said}");
    let asked = provider.asked();
    assert_eq!(asked[0].headers["x-api-user"], "user-1");
    assert_eq!(asked[0].headers["x-api-key"], "pass-1");
    assert_eq!(body(&asked[0].body), json!({"subdomain": "d420c923", "txt": "v"}));
}

#[tokio::test]
async fn route53() {
    const ZONES: &str = "GET /2013-04-01/hostedzonesbyname?dnsname=example.org&maxitems=10";
    const FOUND: &str = "<R><HostedZones><HostedZone><Id>/hostedzone/Z0</Id><Name>example.org.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone><HostedZone><Id>/hostedzone/Z1</Id><Name>example.org.</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone></HostedZones></R>";
    const SET: &str =
        "GET /2013-04-01/hostedzone/Z1/rrset?maxitems=1&name=_acme-challenge.a.example.org.&type=TXT";
    const CHANGE: &str = "POST /2013-04-01/hostedzone/Z1/rrset/";
    const OTHER: &str = "<R><ResourceRecordSets><ResourceRecordSet><Name>_acme-challenge.a.example.org.</Name><Type>TXT</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>&quot;other&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets></R>";
    const NONE: &str = "<R><ResourceRecordSets><ResourceRecordSet><Name>b.example.org.</Name><Type>A</Type></ResourceRecordSet></ResourceRecordSets></R>";
    const BUSY: &str = "<ErrorResponse><Error><Code>InvalidChangeBatch</Code><Message>values provided do not match the current values</Message></Error></ErrorResponse>";
    const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User is not authorized</Message></Error></ErrorResponse>";
    let (provider, address) = Provider::start(&[
        (ZONES, 200, FOUND),
        (SET, 200, NONE),
        // Somebody puts a value of the same name at this moment.
        (CHANGE, 400, BUSY),
        (SET, 200, OTHER),
        (CHANGE, 200, "<ChangeResourceRecordSetsResponse/>"),
        (ZONES, 200, FOUND),
        (SET, 200, OTHER),
        (ZONES, 403, DENIED),
        (ZONES, 200, "<R><HostedZones></HostedZones></R>"),
    ])
    .await;
    let zone = open(&settings("route53", &address), ("AKIDEXAMPLE", "aws-secret"));
    zone.put(NAME, "v").await.unwrap();
    zone.remove(NAME, "v").await.unwrap();
    let said = zone.put(NAME, "v").await.unwrap_err();
    assert!(matches!(&said, DnsError::Denied(words) if words.contains("not authorized")), "{said}");
    assert_eq!(zone.put(NAME, "v").await.unwrap_err().code(), "zone_missing");
    let asked = provider.asked();
    for one in &asked {
        let signed = one.headers["authorization"].to_str().unwrap();
        assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{signed}");
        assert!(
            signed.contains("/us-east-1/route53/aws4_request, SignedHeaders=host;x-amz-date, Signature=")
        );
        assert!(one.headers.contains_key("x-amz-date"));
    }
    let (first, second) = (&asked[2].body, &asked[4].body);
    assert!(first.contains("<Action>CREATE</Action>") && !first.contains("DELETE"), "{first}");
    let before = "<Action>DELETE</Action><ResourceRecordSet><Name>_acme-challenge.a.example.org.</Name><Type>TXT</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>\"other\"</Value></ResourceRecord></ResourceRecords>";
    let after = "<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>\"other\"</Value></ResourceRecord><ResourceRecord><Value>\"v\"</Value></ResourceRecord></ResourceRecords>";
    assert!(second.contains(before) && second.contains(after), "{second}");
}
