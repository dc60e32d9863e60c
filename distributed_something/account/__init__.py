"""What setupAWS makes once for an account: roles, policies, the unattended monitor."""
