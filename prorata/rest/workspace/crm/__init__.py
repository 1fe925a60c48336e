"""The CRM in the workspace: an organization sets up its branches, offers and gateways, and decides on payments."""
