"""HTTP surfaces. Each package parses, asks `access`, submits or reads, and renders; no rule of the trade lives here."""
