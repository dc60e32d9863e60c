"""What setupAWS creates, once for an account: roles, policies, the unattended monitor."""
