resource "aws_sns_topic" "alarms" {
  name = "${local.prefix}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  count     = var.alarm_email == "" ? 0 : 1
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name          = "${local.prefix}-server-errors"
  alarm_description   = "More than one in a hundred requests ended with 5xx."
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
  namespace           = "AWS/ApiGateway"
  metric_name         = "5XXError"
  dimensions          = { ApiName = local.prefix, Stage = var.environment }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 0.01
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${local.prefix}-dead-letters"
  alarm_description   = "Uploads could not be finished five times; docs/DEPLOYMENT.md says what to do."
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
}

locals {
  # Every table, and every index of it, whose throttling holds up its table.
  table_dimensions = { for table in keys(local.tables) : table => { TableName = "${local.prefix}-${table}" } }
  index_dimensions = merge([
    for table, shape in local.tables : {
      for index in keys(shape.indexes) :
      index => { TableName = "${local.prefix}-${table}", GlobalSecondaryIndexName = index }
    }
  ]...)
  function_dimensions = {
    for name in keys(local.functions) : name => { FunctionName = "${local.prefix}-${name}" }
  }

  # Alarms on several metrics at once, at most ten (CloudWatch's limit): each of `metrics` for each of `of`.
  alarms = {
    function-errors = {
      description = "Functions failed, ran out of time or out of memory."
      expression  = "SUM(METRICS())"
      threshold   = 1
      periods     = 2
      namespace   = "AWS/Lambda"
      stat        = "Sum"
      metrics     = ["Errors"]
      of          = local.function_dimensions
    }
    function-throttles = {
      description = "More functions were wanted than the account may run at once."
      expression  = "SUM(METRICS())"
      threshold   = 1
      periods     = 2
      namespace   = "AWS/Lambda"
      stat        = "Sum"
      metrics     = ["Throttles"]
      of          = local.function_dimensions
    }
    quick-duration = {
      description = "A function that only asks stores took more than a second (p99)."
      expression  = "MAX(METRICS())"
      threshold   = 1000
      periods     = 3
      namespace   = "AWS/Lambda"
      stat        = "p99"
      metrics     = ["Duration"]
      of = {
        for name, dimensions in local.function_dimensions : name => dimensions
        if !local.functions[name].imaging
      }
    }
    imaging-duration = {
      description = "Requests that make pictures come near API Gateway's time limit (p99)."
      expression  = "MAX(METRICS())"
      threshold   = 20000
      periods     = 3
      namespace   = "AWS/Lambda"
      stat        = "p99"
      metrics     = ["Duration"]
      of = {
        for name, dimensions in local.function_dimensions : name => dimensions
        if local.functions[name].imaging && name != "janitor"
      }
    }
    table-throttles = {
      description = "DynamoDB throttled a table."
      expression  = "SUM(METRICS())"
      threshold   = 1
      periods     = 2
      namespace   = "AWS/DynamoDB"
      stat        = "Sum"
      metrics     = ["ReadThrottleEvents", "WriteThrottleEvents"]
      of          = local.table_dimensions
    }
    index-throttles = {
      description = "DynamoDB throttled an index, which holds up its table."
      expression  = "SUM(METRICS())"
      threshold   = 1
      periods     = 2
      namespace   = "AWS/DynamoDB"
      stat        = "Sum"
      metrics     = ["ReadThrottleEvents", "WriteThrottleEvents"]
      of          = local.index_dimensions
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "several" {
  for_each = local.alarms

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = each.value.description
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
  evaluation_periods  = each.value.periods
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "all"
    expression  = each.value.expression
    return_data = true
  }

  dynamic "metric_query" {
    for_each = merge([
      for metric in each.value.metrics : {
        for name, dimensions in each.value.of :
        "m_${name}_${metric}" => { metric = metric, dimensions = dimensions }
      }
    ]...)
    content {
      id = metric_query.key
      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = each.value.stat
        period      = 300
      }
    }
  }
}
