locals {
  # Method and path -> function.
  routes = {
    "POST /images"                      = "upload"
    "POST /images/batch"                = "upload"
    "GET /images"                       = "list"
    "HEAD /images"                      = "list"
    "GET /tags"                         = "list"
    "HEAD /tags"                        = "list"
    "GET /users/{user_id}/usage"        = "list"
    "HEAD /users/{user_id}/usage"       = "list"
    "GET /images/{image_id}"            = "get"
    "HEAD /images/{image_id}"           = "get"
    "GET /images/{image_id}/download"   = "download"
    "HEAD /images/{image_id}/download"  = "download"
    "GET /images/{image_id}/rendition"  = "rendition"
    "HEAD /images/{image_id}/rendition" = "rendition"
    "PATCH /images/{image_id}"          = "update"
    "DELETE /images/{image_id}"         = "delete"
    "POST /images/{image_id}/restore"   = "delete"
    "POST /images/{image_id}/complete"  = "process"
    "GET /readyz"                       = "process"
    "HEAD /readyz"                      = "process"
    # /healthz, /openapi.json and /docs; preflights of the configured origins, 404 and 405 with Allow.
    "ANY /"                            = "get"
    "ANY /{proxy+}"                    = "get"
    "ANY /images"                      = "get"
    "ANY /images/batch"                = "get"
    "ANY /images/{image_id}"           = "get"
    "ANY /images/{image_id}/complete"  = "get"
    "ANY /images/{image_id}/download"  = "get"
    "ANY /images/{image_id}/rendition" = "get"
    "ANY /images/{image_id}/restore"   = "get"
    "ANY /tags"                        = "get"
    "ANY /users/{user_id}/usage"       = "get"
    "ANY /readyz"                      = "get"
  }

  # Who may come without a token when auth_mode is jwt: renditions, whose links are signed where they have to
  # be, /readyz, and what no other method answers: /healthz and the API's description, preflights, 404 and
  # 405. The functions ask too.
  open = concat(
    ["GET /images/{image_id}/rendition", "HEAD /images/{image_id}/rendition", "GET /readyz", "HEAD /readyz"],
    [for route in keys(local.routes) : route if split(" ", route)[0] == "ANY"],
  )
  has_authorizer = var.auth_mode == "jwt"
  user_pool = {
    type                           = "apiKey"
    name                           = "Authorization"
    in                             = "header"
    "x-amazon-apigateway-authtype" = "cognito_user_pools"
    "x-amazon-apigateway-authorizer" = {
      type         = "cognito_user_pools"
      providerARNs = [var.user_pool_arn]
    }
  }

  # `*/*` would make JSON bodies base64.
  binary_types = ["image/*", "multipart/form-data"]

  # Routes whose JSON bodies are validated -> model.
  validated = {
    "POST /images"             = "NewImage"
    "POST /images/batch"       = "Batch"
    "PATCH /images/{image_id}" = "ImagePatch"
  }

  # The least that a body must be; the functions' own checks name every bad field.
  models = {
    NewImage = {
      type     = "object"
      required = ["filename", "content_type", "size"]
      properties = {
        filename     = { type = "string", maxLength = 4096 }
        content_type = { type = "string" }
        size         = { type = "integer" }
      }
    }
    ImagePatch = {
      type = "object"
      properties = {
        filename   = { type = "string", maxLength = 4096 }
        visibility = { type = "string" }
      }
    }
    Batch = {
      type     = "object"
      required = ["operations"]
      properties = {
        operations = {
          type  = "array"
          items = { type = "object", required = ["op"], properties = { op = { type = "string" } } }
        }
      }
    }
  }

  # Answers that API Gateway gives by itself, as the functions would. Each has its own status, since a
  # body cannot name another ($context.status is empty there), and its own words, since those of
  # $context.error may hold quotes. DEFAULT_4XX is for 400 alone: every other 4XX stands here.
  gateway_answers = {
    ACCESS_DENIED = {
      status = 403
      code   = "forbidden"
      title  = "Forbidden"
      detail = "You may not call this API."
    }
    BAD_REQUEST_BODY = {
      status = 400
      code   = "validation_failed"
      title  = "Bad Request"
      detail = "The body is not as it must be."
    }
    EXPIRED_TOKEN = {
      status = 403
      code   = "forbidden"
      title  = "Forbidden"
      detail = "The credentials have expired."
    }
    INTEGRATION_FAILURE = {
      status = 503
      code   = "overloaded"
      title  = "Service Unavailable"
      detail = "The function failed; try again."
    }
    INTEGRATION_TIMEOUT = {
      status = 503
      code   = "overloaded"
      title  = "Service Unavailable"
      detail = "It took too long; try again."
    }
    INVALID_API_KEY = {
      status = 403
      code   = "forbidden"
      title  = "Forbidden"
      detail = "The API key is not one of this API's."
    }
    INVALID_SIGNATURE = {
      status = 403
      code   = "forbidden"
      title  = "Forbidden"
      detail = "The signature does not fit the request."
    }
    MISSING_AUTHENTICATION_TOKEN = {
      status = 404
      code   = "not_found"
      title  = "Not Found"
      detail = "There is no such address."
    }
    QUOTA_EXCEEDED = {
      status = 429
      code   = "rate_limited"
      title  = "Too Many Requests"
      detail = "The quota is used up."
    }
    REQUEST_TOO_LARGE = {
      status = 413
      code   = "payload_too_large"
      title  = "Content Too Large"
      detail = "Send large files to a presigned URL: POST /images with JSON."
    }
    RESOURCE_NOT_FOUND = {
      status = 404
      code   = "not_found"
      title  = "Not Found"
      detail = "There is no such address."
    }
    THROTTLED = {
      status = 429
      code   = "rate_limited"
      title  = "Too Many Requests"
      detail = "Too many requests; try again."
    }
    UNAUTHORIZED = {
      status = 401
      code   = "unauthenticated"
      title  = "Unauthorized"
      detail = "The token is missing, not valid, or has expired."
    }
    UNSUPPORTED_MEDIA_TYPE = {
      status = 415
      code   = "unsupported_media_type"
      title  = "Unsupported Media Type"
      detail = "The body's type is not accepted."
    }
    WAF_FILTERED = {
      status = 403
      code   = "forbidden"
      title  = "Forbidden"
      detail = "The request was filtered out."
    }
    DEFAULT_4XX = {
      status = 400
      code   = "malformed_request"
      title  = "Bad Request"
      detail = "API Gateway cannot do anything with this request."
    }
    DEFAULT_5XX = {
      status = 500
      code   = "internal"
      title  = "Internal Server Error"
      detail = "API Gateway failed."
    }
  }
  gateway_headers = {
    "Content-Type"                  = "'application/problem+json'"
    "X-Request-Id"                  = "context.requestId"
    "Access-Control-Allow-Origin"   = "'*'"
    "Access-Control-Expose-Headers" = "'Retry-After, X-Request-Id'"
  }
  # Status -> what comes to them.
  headers_by_status = {
    "401" = { "WWW-Authenticate" = "'Bearer'" }
    "429" = { "Retry-After" = "'1'" }
    "503" = { "Retry-After" = "'1'" }
  }
  body_errors = [{
    field  = "body"
    code   = "invalid_value"
    detail = "A required member is missing, or one has the wrong type or length."
  }]
}

locals {
  route_parts = {
    for route, function in local.routes : route => {
      method   = lower(split(" ", route)[0])
      path     = split(" ", route)[1]
      function = function
    }
  }

  operations = {
    for route, parts in local.route_parts : route => merge(
      {
        "x-amazon-apigateway-integration" = {
          type       = "aws_proxy"
          httpMethod = "POST"
          uri        = aws_lambda_function.this[parts.function].invoke_arn
        }
        parameters = [
          for name in flatten(regexall("\\{(\\w+)\\+?\\}", parts.path)) :
          { name = name, in = "path", required = true, schema = { type = "string" } }
        ]
        responses = {}
      },
      lookup(local.validations, route, {}),
      {
        for name, value in { security = [{ UserPool = [] }] } : name => value
        if local.has_authorizer && !contains(local.open, route)
      },
    )
  }

  validations = {
    for route, model in local.validated : route => {
      "x-amazon-apigateway-request-validator" = "body"
      requestBody = {
        content = { "application/json" = { schema = { "$ref" = "#/components/schemas/${model}" } } }
      }
    }
  }

  document = {
    openapi = "3.0.1"
    info    = { title = local.prefix, version = "1" }
    "x-amazon-apigateway-request-validators" = {
      body = { validateRequestBody = true, validateRequestParameters = false }
    }
    "x-amazon-apigateway-binary-media-types" = local.binary_types
    "x-amazon-apigateway-policy" = {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = "*"
        Action    = "execute-api:Invoke"
        Resource  = "execute-api:/*"
        Condition = { IpAddress = { "aws:SourceIp" = var.client_ranges } }
      }]
    }
    "x-amazon-apigateway-gateway-responses" = {
      for kind, answer in local.gateway_answers : kind => {
        statusCode = tostring(answer.status)
        responseParameters = {
          for name, value in merge(local.gateway_headers, lookup(local.headers_by_status, tostring(answer.status), {})) :
          "gatewayresponse.header.${name}" => value
        }
        responseTemplates = { "application/json" = jsonencode(merge(
          {
            type       = "urn:tintype:problem:${answer.code}"
            title      = answer.title
            status     = answer.status
            detail     = answer.detail
            code       = answer.code
            request_id = "$context.requestId"
          },
          { for name, value in { errors = local.body_errors } : name => value if kind == "BAD_REQUEST_BODY" },
        )) }
      }
    }
    components = merge(
      { schemas = local.models },
      {
        for name, value in { securitySchemes = { UserPool = local.user_pool } } : name => value
        if local.has_authorizer
      },
    )
    paths = {
      for path in distinct([for parts in local.route_parts : parts.path]) : path => {
        for route, parts in local.route_parts :
        (parts.method == "any" ? "x-amazon-apigateway-any-method" : parts.method) => local.operations[route]
        if parts.path == path
      }
    }
  }
}

resource "aws_api_gateway_rest_api" "this" {
  name               = local.prefix
  body               = jsonencode(local.document)
  binary_media_types = local.binary_types

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    precondition {
      condition     = !local.has_authorizer || var.user_pool_arn != ""
      error_message = "auth_mode jwt needs user_pool_arn."
    }
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    document = sha256(jsonencode(local.document))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.environment
  xray_tracing_enabled = true
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    throttling_rate_limit  = var.rate
    throttling_burst_limit = var.burst
  }
}

resource "aws_lambda_permission" "api" {
  for_each = toset(values(local.routes))

  function_name = aws_lambda_function.this[each.key].function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/*/*"
}
