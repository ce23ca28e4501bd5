"""Makes the template's REST API at an AWS endpoint: paths, methods, models, answers, throttling."""

import json

INVOKE = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def model_of(operation):
    """The name of the model that JSON bodies are validated by."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema["$ref"].rsplit("/", 1)[1]


class Gateway:
    """`api_id` is there after `make`."""

    def __init__(self, client, template, endpoint):
        self.client = client
        self.template = template
        self.endpoint = endpoint
        self.properties = template.properties("Api")
        self.api_id = None
        self.resources = {}

    @property
    def url(self):
        """Emulators answer an API below its control address; AWS has a host for each."""
        return f"{self.endpoint}/restapis/{self.api_id}/{self.properties['StageName']}/_user_request_"

    def create(self):
        self.remove()
        made = self.client.create_rest_api(
            name=self.properties["Name"],
            binaryMediaTypes=[kind.replace("~1", "/") for kind in self.properties["BinaryMediaTypes"]],
        )
        self.api_id = made["id"]
        items = self.client.get_resources(restApiId=self.api_id)["items"]
        self.resources = {item["path"]: item["id"] for item in items}

    def fill(self, arns):
        """The functions are called by their ARNs."""
        validator = self._make_models()
        operations = {(method, path): operation for method, path, operation in self.template.operations()}
        for method, path, name in self.template.routes():
            self._make_method((method, path), operations[(method, path)], arns[name], validator)
        self._make_gateway_responses()
        self._publish()

    def remove(self):
        for api in self.client.get_rest_apis(limit=500)["items"]:
            if api["name"] == self.properties["Name"]:
                self.client.delete_rest_api(restApiId=api["id"])

    def _make_models(self):
        for name, schema in self.template.document()["components"]["schemas"].items():
            self.client.create_model(
                restApiId=self.api_id, name=name, contentType="application/json", schema=json.dumps(schema)
            )
        made = self.client.create_request_validator(
            restApiId=self.api_id, name="body", validateRequestBody=True, validateRequestParameters=False
        )
        return made["id"]

    def _resource(self, path):
        if path not in self.resources:
            parent, _, part = path.rpartition("/")
            made = self.client.create_resource(
                restApiId=self.api_id, parentId=self._resource(parent or "/"), pathPart=part
            )
            self.resources[path] = made["id"]
        return self.resources[path]

    def _make_method(self, route, operation, arn, validator):
        method, path = route
        place = {"restApiId": self.api_id, "resourceId": self._resource(path), "httpMethod": method}
        validation = {}
        if "x-amazon-apigateway-request-validator" in operation:
            # AWS validates only types that have a model; MiniStack takes JSON's for those without.
            models = {"application/json": model_of(operation), "multipart/form-data": "Empty"}
            validation = {"requestModels": models, "requestValidatorId": validator}
        self.client.put_method(**place, authorizationType="NONE", **validation)
        uri = INVOKE.format(region=self.client.meta.region_name, arn=arn)
        self.client.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)

    def _make_gateway_responses(self):
        for kind, response in self.properties["GatewayResponses"].items():
            headers = response["ResponseParameters"]["Headers"]
            status = {"statusCode": str(response["StatusCode"])} if "StatusCode" in response else {}
            self.client.put_gateway_response(
                restApiId=self.api_id,
                responseType=kind,
                responseParameters={f"gatewayresponse.header.{n}": v for n, v in headers.items()},
                responseTemplates=response["ResponseTemplates"],
                **status,
            )

    def _publish(self):
        stage = self.properties["StageName"]
        self.client.create_deployment(restApiId=self.api_id, stageName=stage)
        (settings,) = self.properties["MethodSettings"]
        limits = {
            "rateLimit": settings["ThrottlingRateLimit"],
            "burstLimit": settings["ThrottlingBurstLimit"],
        }
        self.client.update_stage(
            restApiId=self.api_id,
            stageName=stage,
            patchOperations=[
                {"op": "replace", "path": f"/*/*/throttling/{name}", "value": str(value)}
                for name, value in limits.items()
            ],
        )
