locals {
  functions_shown = [for name in keys(local.functions) : "${local.prefix}-${name}"]
  tables_shown    = [for table in keys(local.tables) : "${local.prefix}-${table}"]
  api_shown       = ["ApiName", local.prefix, "Stage", var.environment]

  # Widgets from left to right, three in a row.
  widgets = [
    {
      title = "Requests"
      stat  = "Sum"
      metrics = [
        for metric in ["Count", "4XXError", "5XXError"] : concat(["AWS/ApiGateway", metric], local.api_shown)
      ]
    },
    {
      title = "Latency, ms"
      stat  = "Sum"
      metrics = [
        for shown in [["Latency", "p50"], ["Latency", "p99"], ["IntegrationLatency", "p99"]] :
        concat(["AWS/ApiGateway", shown[0]], local.api_shown, [{ stat = shown[1] }])
      ]
    },
    {
      title = "Uploads to finish"
      stat  = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.uploads.name],
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.uploads.name],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead_letters.name],
      ]
    },
    {
      title   = "Invocations"
      stat    = "Sum"
      metrics = [for name in local.functions_shown : ["AWS/Lambda", "Invocations", "FunctionName", name]]
    },
    {
      title   = "Duration p99, ms"
      stat    = "p99"
      metrics = [for name in local.functions_shown : ["AWS/Lambda", "Duration", "FunctionName", name]]
    },
    {
      title   = "Errors"
      stat    = "Sum"
      metrics = [for name in local.functions_shown : ["AWS/Lambda", "Errors", "FunctionName", name]]
    },
    {
      title   = "Throttles of functions"
      stat    = "Sum"
      metrics = [for name in local.functions_shown : ["AWS/Lambda", "Throttles", "FunctionName", name]]
    },
    {
      title = "DynamoDB units"
      stat  = "Sum"
      metrics = concat([
        for name in local.tables_shown : [
          for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] :
          ["AWS/DynamoDB", metric, "TableName", name]
        ]
      ]...)
    },
    {
      title = "DynamoDB throttles"
      stat  = "Sum"
      metrics = concat([
        for name in local.tables_shown : [
          for metric in ["ReadThrottleEvents", "WriteThrottleEvents"] :
          ["AWS/DynamoDB", metric, "TableName", name]
        ]
      ]...)
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.prefix
  dashboard_body = jsonencode({
    widgets = [
      for at, widget in local.widgets : {
        type   = "metric"
        x      = at % 3 * 8
        y      = floor(at / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          period  = 300
          stat    = widget.stat
          metrics = widget.metrics
        }
      }
    ]
  })
}
