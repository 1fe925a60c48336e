"""The documents of a person's file: handed in, looked at, encrypted where they lie.

`tables`      what is known of each, and the key that it is sealed with, itself sealed
`kinds`       what a document may be, and what its content says it is
`sealing`     each under a key of its own, bound to its id
`objects`     where the sealed content lies: a folder, or an object store
`terms`       which of them, from the settings
`documents`   all of it together
"""
