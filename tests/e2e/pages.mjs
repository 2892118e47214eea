// The pages that a rich preview has.
export const pages = [
  "/", "/projects/new", "/projects/p-shop", "/projects/p-shop/variables", "/environments/e-prod", "/environments/e-prod/apps/new",
  "/apps/a-web", "/apps/a-new", "/apps/a-docs", "/apps/a-worker", "/apps/a-worker/logs?service=store", "/apps/a-web/deployments", "/apps/a-web/logs",
  "/apps/a-web/traffic", "/apps/a-web/traffic?range=30d", "/apps/a-web/variables", "/apps/a-web/domains", "/apps/a-web/domains/h1", "/apps/a-new/domains", "/apps/a-web/webhooks", "/apps/a-new/webhooks",
  "/apps/a-web/settings", "/apps/a-web/delete", "/deployments/d-running", "/deployments/d-failed", "/deployments/d-live",
  "/nodes", "/credentials", "/team", "/team/sso", "/team/dns", "/team/stores", "/instance/sso", "/login/t1", "/audit", "/instance", "/certificates", "/instance/certificates", "/instance/directories", "/account", "/nowhere",
];
