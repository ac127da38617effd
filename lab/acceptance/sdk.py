"""What openstacksdk, unmodified, sees of a network: prints it as JSON. Usage: sdk.py NETWORK-NAME"""
import json
import sys

import openstack

# Credentials come from the environment, as for the command.
network = openstack.connect().network
found = network.find_network(sys.argv[1], ignore_missing=False)
network.set_tags(found, ['seen-by-the-sdk'])
# One port on a page: the SDK follows the links by itself.
ports = list(network.ports(network_id=found.id, limit=1))
print(json.dumps({
    'mtu': found.mtu,
    'subnets': sorted(subnet.cidr for subnet in network.subnets(network_id=found.id)),
    'ports': {port.name: [port.status, *sorted(ip['ip_address'] for ip in port.fixed_ips)] for port in ports},
    'tagged': [each.name for each in network.networks(tags='seen-by-the-sdk')],
}))
