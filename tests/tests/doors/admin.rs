//! Row 81 and P19: who may use the admin API.

use picomesh_tests::{Engine, Home};
use serde_json::Value;

// Row 81, P19: with a token, every route of the description answers 401 to those without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_of_the_admin_api_is_open() {
    const TOKEN: &str = "an-operator-token-that-is-long-enough-0123456789";
    let home = Home::new(Engine::Sqlite).await;
    let mut config = home.config();
    config.operator_token = Some(TOKEN.into());
    let agent = home.start_with(config).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("http://{}", agent.address);
    let call = async |method: &str, path: &str, token: Option<&str>| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = client.request(method, format!("{base}{path}")).body("{}");
        request = request.header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        request.send().await.unwrap().status().as_u16()
    };
    let bearer = format!("Bearer {TOKEN}");
    let described = client.get(format!("{base}/v1/openapi.json")).header("authorization", &bearer);
    let described: Value = described.send().await.unwrap().json().await.unwrap();
    let root = agent.agent.engine.root().to_string();
    let mut tried = 0;
    for (path, operations) in described["paths"].as_object().unwrap() {
        let mut path = path.replace("{pico}", &root).replace("{id}", &root);
        while let (Some(from), Some(to)) = (path.find('{'), path.find('}')) {
            path.replace_range(from..=to, "x");
        }
        for method in operations.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
                continue;
            }
            if !path.starts_with("/v1") || ["/v1/openapi.json", "/v1/docs"].contains(&path.as_str())
            {
                continue;
            }
            tried += 1;
            let (short, long) = (&bearer[..bearer.len() - 1], format!("{bearer}x"));
            let basic = bearer.replace("Bearer", "Basic");
            for token in
                [None, Some(short), Some(long.as_str()), Some(&basic), Some("Bearer "), Some("")]
            {
                let status = call(&method, &path, token).await;
                assert_eq!(status, 401, "{method} {path} {token:?}");
            }
        }
    }
    assert!(tried > 40, "{tried} operations");
    assert_eq!(call("GET", "/v1", Some(&bearer)).await, 200);
    // Row 80: names that lead nowhere else.
    for path in
        ["/v1/picos/..%2f..", "/v1/picos/%00", "/v1/picos/'%20OR%201=1--", "/v1/picos/x/../../v1"]
    {
        let status = call("GET", path, Some(&bearer)).await;
        assert!([400, 404, 200].contains(&status), "{path} {status}");
    }
    let long = format!("/v1/picos/{}", "x".repeat(10_000));
    assert!([400, 404].contains(&call("GET", &long, Some(&bearer)).await));
    agent.stop().await;
}
