variable "name" {
  description = "What the names of bucket, tables and functions start with."
  type        = string
  default     = "tintype"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "name: 2 to 20 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "environment" {
  description = "dev, staging or prod; also the API's stage."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment: dev, staging or prod."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-central-1"
}

variable "artefact" {
  description = "What make lambda has built."
  type        = string
  default     = "../../build/lambda/tintype.zip"
}

variable "client_ranges" {
  description = "Addresses that may call the API, as CIDR ranges; nobody by default, 0.0.0.0/0 is everyone."
  type        = list(string)
  default     = ["127.0.0.1/32"]
}

variable "cors_origins" {
  description = "Web origins that may call the API; empty is none."
  type        = list(string)
  default     = []
}

variable "public_url" {
  description = "Of a domain in front of the API; empty is the URL of the stage."
  type        = string
  default     = ""
}

variable "auth_mode" {
  description = "The setting auth.mode; jwt needs user_pool_arn."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "jwt"], var.auth_mode)
    error_message = "It must be none or jwt."
  }
}

variable "user_pool_arn" {
  description = "Of the Cognito user pool whose identity tokens the API asks for when auth_mode is jwt."
  type        = string
  default     = ""
}

variable "log_level" {
  description = "The setting log.level."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["debug", "info", "warn", "error"], var.log_level)
    error_message = "It must be debug, info, warn or error."
  }
}

variable "alarm_email" {
  description = "Who is told of alarms; empty is nobody."
  type        = string
  default     = ""
}

# What differs between environments: environments/*.tfvars.

variable "rate" {
  description = "Requests per second that the API lets through."
  type        = number
}

variable "burst" {
  description = "Requests at once that the API lets through."
  type        = number
}

variable "small" {
  description = "MB of functions that wait for DynamoDB."
  type        = number
}

variable "imaging" {
  description = "MB of functions that make pictures; 1769 is one whole core."
  type        = number
}

variable "parallel" {
  description = "Uploads that are finished at once when S3 tells of them."
  type        = number
}

variable "log_days" {
  description = "Days that logs are kept."
  type        = number
}

variable "recovery_days" {
  description = "Days that tables can be taken back to."
  type        = number
}

variable "protected" {
  description = "Whether tables and bucket refuse to be deleted."
  type        = bool
}
