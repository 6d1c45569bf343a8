// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// A recipient that takes no coins.
contract Refusing {
    receive() external payable {
        revert("no coins, please");
    }
}

/// A recipient that takes coins until somebody lets it take none any more.
contract Moody {
    bool public refuses;

    function turn() external {
        refuses = true;
    }

    receive() external payable {
        require(!refuses, "not any more");
    }
}

/// A recipient whose own code takes far more gas than a transfer.
contract Greedy {
    mapping(uint256 => uint256) private written;
    uint256 private next;

    receive() external payable {
        for (uint256 i = 0; i < 50; i++) {
            written[next++] = 1;
        }
    }
}
