# Tintype on AWS, as deploy/sam/template.yaml describes it; tests/aws/test_terraform.py holds the two
# against each other. docs/DEPLOYMENT.md says how to use it.
terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { service = local.prefix }
  }
}

data "aws_caller_identity" "current" {}

locals {
  prefix  = "${var.name}-${var.environment}"
  account = data.aws_caller_identity.current.account_id
}
