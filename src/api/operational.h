#ifndef ORGKEYS_API_OPERATIONAL_H
#define ORGKEYS_API_OPERATIONAL_H

struct api;
struct http_request;

/* The endpoints for operators: no key, no store, answered on the loop's thread. */
void answer_health(struct api *api, struct http_request *request);
void answer_readiness(struct api *api, struct http_request *request);
void answer_metrics(struct api *api, struct http_request *request);
void answer_openapi(struct api *api, struct http_request *request);

#endif
