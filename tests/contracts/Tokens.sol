// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

/// What all tokens of the tests have: a million of whole tokens with 6 decimals, which whoever deploys it holds.
abstract contract Ledger {
    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    uint8 public constant decimals = 6;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor() {
        balanceOf[msg.sender] = 1_000_000 * 10 ** 6;
    }

    function move(address from, address to, uint256 amount) internal {
        require(balanceOf[from] >= amount, "too little");
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }

    function allow(address spender, uint256 amount) internal {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
    }

    function useUp(address from, uint256 amount) internal {
        require(allowance[from][msg.sender] >= amount, "not approved");
        allowance[from][msg.sender] -= amount;
    }
}

/// As the standard says.
contract Plain is Ledger {
    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        useUp(from, amount);
        move(from, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allow(spender, amount);
        return true;
    }
}

/// Its functions answer nothing, as those of some large tokens do; and it can refuse an address.
contract Silent is Ledger {
    mapping(address => bool) public refused;

    function refuse(address owner) external {
        refused[owner] = true;
    }

    function transfer(address to, uint256 amount) external {
        require(!refused[to], "refused");
        move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        require(!refused[to], "refused");
        useUp(from, amount);
        move(from, to, amount);
    }

    function approve(address spender, uint256 amount) external {
        allow(spender, amount);
    }
}

/// Where a transfer fails, it answers so instead of reverting; and it always fails for one address.
contract Polite is Ledger {
    address public immutable shunned = address(uint160(uint256(0xbad) << 148));

    function transfer(address to, uint256 amount) external returns (bool) {
        if (balanceOf[msg.sender] < amount || to == shunned) {
            return false;
        }
        move(msg.sender, to, amount);
        return true;
    }
}

/// It keeps a hundredth of each transfer.
contract Taxed is Ledger {
    function transfer(address to, uint256 amount) external returns (bool) {
        uint256 tax = amount / 100;
        move(msg.sender, address(this), tax);
        move(msg.sender, to, amount - tax);
        return true;
    }
}
